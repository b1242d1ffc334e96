import Load

/// `load`: measures a running installation.
@main
struct Main {
    static func main() async {
        await LoadCommand.start()
    }
}
