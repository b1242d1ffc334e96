import NIOCore

extension ForwardedRoute.Size {
    /// Recipients of a broadcast that count as one request: their messages leave at the pace of the broadcast and its account.
    private static let recipientsInRequest = 1000

    /// As how many requests a body counts: a batch as its elements, so that it is no way around a limit.
    func requests(in body: ByteBuffer) -> Int {
        switch self {
        case .ordinary, .message, .file: 1
        case .batch, .bulk: max(1, ElementCount.elements(in: body))
        case .broadcast: 1 + ElementCount.elements(in: body) / Self.recipientsInRequest
        }
    }
}
