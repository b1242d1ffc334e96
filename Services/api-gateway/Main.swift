import APIGatewayProgram
import Program

@main
struct Main {
    static func main() async {
        await Program.apiGateway.run()
    }
}
