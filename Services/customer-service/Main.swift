import CustomerServiceProgram
import Program

@main
struct Main {
    static func main() async {
        await Program.customerService.run()
    }
}
