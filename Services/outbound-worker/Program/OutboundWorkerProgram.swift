import OutboundWorker
package import Program

extension Program {
    /// The executable `outbound-worker`.
    package static let outboundWorker = Program("outbound-worker", defaultPort: 8085) { reader, logger in
        try await OutboundWorkerApp(reader: reader, logger: logger).services
    }
}
