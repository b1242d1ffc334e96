import OutboundWorkerProgram
import Program

@main
struct Main {
    static func main() async {
        await Program.outboundWorker.run()
    }
}
