import InboundGatewayProgram
import Program

@main
struct Main {
    static func main() async {
        await Program.inboundGateway.run()
    }
}
