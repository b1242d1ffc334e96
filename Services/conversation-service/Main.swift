import ConversationServiceProgram
import Program

@main
struct Main {
    static func main() async {
        await Program.conversationService.run()
    }
}
