import Chaos

/// `chaos`: plays faults against an installation of its own, and checks what must hold whatever happens.
@main
struct Main {
    static func main() async {
        await ChaosCommand.start()
    }
}
