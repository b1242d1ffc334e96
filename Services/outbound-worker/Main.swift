import OutboundWorker
import Program

@main
struct Main {
    static func main() async {
        await Program("outbound-worker", defaultPort: 8085) { reader, logger in
            try await OutboundWorkerApp(reader: reader, logger: logger).services
        }.run()
    }
}
