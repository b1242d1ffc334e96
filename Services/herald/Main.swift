import HeraldCommand

/// `herald`: the command line over the public API.
@main
struct Main {
    static func main() async {
        await HeraldCommand.start()
    }
}
