import APIGatewayProgram
import ConversationServiceProgram
import CustomerServiceProgram
import Foundation
import HeraldCommand
import InboundGatewayProgram
import MessagingServiceProgram
import OutboundWorkerProgram
import Program

/// Every program of Herald in one file, for the image; its name says which it is.
///
/// What they have in common is there once.
@main
struct Main {
    static func main() async {
        let path = CommandLine.arguments.first ?? ""
        switch path.split(separator: "/").last {
        case "api-gateway": await Program.apiGateway.run()
        case "inbound-gateway": await Program.inboundGateway.run()
        case "customer-service": await Program.customerService.run()
        case "conversation-service": await Program.conversationService.run()
        case "messaging-service": await Program.messagingService.run()
        case "outbound-worker": await Program.outboundWorker.run()
        case "herald": await HeraldCommand.start()
        default:
            FileHandle.standardError.write(
                Data("\(path): a link to it must have the name of a service, or \"herald\".\n".utf8)
            )
            exit(2)
        }
    }
}
