import CCurl
import Glibc

/// Takes down the dialog of one transfer, and ends it with `QUIT`.
///
/// libcurl waits up to two minutes for the answer to `QUIT`, beyond its own timeout. Nothing depends on that answer, so the
/// reading side of the connection is shut once `QUIT` has left.
final class SMTPRecorder {
    private(set) var dialog = SMTPDialog()
    private var socket: Int32?

    /// libcurl's debug function: what was sent and received, in pieces.
    static let hear: curl_debug_callback = { _, type, data, size, context in
        guard let data = unsafe data, let recorder = unsafe SMTPRecorder.of(context) else { return 0 }
        let bytes = unsafe UnsafeBufferPointer(start: data, count: size).map(UInt8.init(bitPattern:))
        if type == CURLINFO_HEADER_IN { recorder.dialog.received(bytes) }
        if type == CURLINFO_HEADER_OUT { recorder.sent(bytes) }
        return 0
    }

    /// libcurl's socket option function: called with each socket that it opens.
    static let open: curl_sockopt_callback = { context, socket, _ in
        unsafe SMTPRecorder.of(context)?.socket = socket
        return Int32(CURL_SOCKOPT_OK)
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> SMTPRecorder? {
        unsafe context.map { unsafe Unmanaged<SMTPRecorder>.fromOpaque($0).takeUnretainedValue() }
    }

    private func sent(_ bytes: [UInt8]) {
        self.dialog.sent(bytes)
        if self.dialog.isOver, let socket { shutdown(socket, Int32(SHUT_RD)) }
    }
}
