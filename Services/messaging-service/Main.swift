import MessagingServiceProgram
import Program

@main
struct Main {
    static func main() async {
        await Program.messagingService.run()
    }
}
