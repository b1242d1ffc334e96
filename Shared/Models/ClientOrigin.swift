/// Where the request came from that is being answered, as the gateway saw it: for the trails of all services.
package enum ClientOrigin {
    /// An IP address; nil for what no client asked for, and where its connection has none.
    @TaskLocal package static var address: String?
}
