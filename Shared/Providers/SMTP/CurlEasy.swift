import CCurl
import Foundation

/// A libcurl option or call that failed before anything was sent.
struct CurlFailure: Error {
    let code: CURLcode
}

/// One transfer of libcurl's easy interface: with `SMTPRecorder`, the only code that touches its pointers.
///
/// Not `Sendable`, and `perform` blocks: it belongs to one thread.
@safe final class CurlEasy {
    /// libcurl asks for this once per process, before any other call.
    private static let initialized: CURLcode = herald_curl_global_init()

    private let handle: UnsafeMutableRawPointer
    private var lists: [UnsafeMutablePointer<curl_slist>] = unsafe []
    private var mime: OpaquePointer?

    init() throws(CurlFailure) {
        guard Self.initialized == CURLE_OK, let handle = unsafe curl_easy_init() else {
            throw CurlFailure(code: CURLE_FAILED_INIT)
        }
        unsafe self.handle = unsafe handle
    }

    deinit {
        unsafe curl_easy_cleanup(self.handle)
        unsafe curl_mime_free(self.mime)
        unsafe self.lists.forEach { unsafe curl_slist_free_all($0) }
    }

    static func text(of code: CURLcode) -> String { unsafe String(cString: curl_easy_strerror(code)) }

    func set(_ option: CURLoption, _ value: Int) throws(CurlFailure) {
        try Self.check(unsafe herald_curl_set_long(self.handle, option, value))
    }

    /// libcurl keeps its own copy.
    func set(_ option: CURLoption, _ value: String) throws(CurlFailure) {
        try Self.check(unsafe herald_curl_set_string(self.handle, option, value))
    }

    func set(_ option: CURLoption, lines: [String]) throws(CurlFailure) {
        let list = unsafe try Self.list(of: lines)
        if let list = unsafe list { unsafe self.lists.append(list) }
        try Self.check(unsafe herald_curl_set_list(self.handle, option, list))
    }

    /// The alternatives alone, or as the first part before the attachments; libcurl keeps its own copies.
    func setContent(of mail: Mail) throws(CurlFailure) {
        let whole = unsafe try self.newMIME()
        unsafe self.mime = unsafe whole
        if mail.attachments.isEmpty {
            for part in mail.alternatives { unsafe try self.add(part, to: whole) }
        } else {
            let body = unsafe try self.newMIME()
            guard let first = unsafe curl_mime_addpart(whole) else {
                unsafe curl_mime_free(body)
                throw CurlFailure(code: CURLE_OUT_OF_MEMORY)
            }
            // From here on it belongs to the whole.
            try Self.check(unsafe curl_mime_subparts(first, body))
            try Self.check(unsafe curl_mime_type(first, "multipart/alternative"))
            for part in mail.alternatives { unsafe try self.add(part, to: body) }
            for part in mail.attachments { unsafe try self.add(part, to: whole) }
        }
        try Self.check(unsafe herald_curl_set_mime(self.handle, whole))
    }

    private func newMIME() throws(CurlFailure) -> OpaquePointer {
        guard let mime = unsafe curl_mime_init(self.handle) else { throw CurlFailure(code: CURLE_OUT_OF_MEMORY) }
        return unsafe mime
    }

    private func add(_ part: Mail.Part, to mime: OpaquePointer) throws(CurlFailure) {
        guard let added = unsafe curl_mime_addpart(mime) else { throw CurlFailure(code: CURLE_OUT_OF_MEMORY) }
        let code = unsafe part.content.withUnsafeBytes { bytes in
            unsafe curl_mime_data(added, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        }
        try Self.check(code)
        try Self.check(unsafe curl_mime_type(added, part.type))
        try Self.check(unsafe curl_mime_encoder(added, part.encoding.rawValue))
        guard !part.headers.isEmpty else { return }
        let list = unsafe try Self.list(of: part.headers)
        // The list belongs to the part from here on.
        try Self.check(unsafe curl_mime_headers(added, list, 1))
    }

    /// Makes the transfer, telling `recorder` what is said.
    func perform(recording recorder: SMTPRecorder) -> CURLcode {
        withExtendedLifetime(recorder) {
            let context = unsafe Unmanaged.passUnretained(recorder).toOpaque()
            do throws(CurlFailure) {
                try Self.check(unsafe herald_curl_set_debug(self.handle, SMTPRecorder.hear, context))
                try Self.check(unsafe herald_curl_set_sockopt(self.handle, SMTPRecorder.open, context))
                return unsafe curl_easy_perform(self.handle)
            } catch {
                return error.code
            }
        }
    }

    private static func list(of lines: [String]) throws(CurlFailure) -> UnsafeMutablePointer<curl_slist>? {
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            guard let longer = unsafe curl_slist_append(list, line) else {
                unsafe curl_slist_free_all(list)
                throw CurlFailure(code: CURLE_OUT_OF_MEMORY)
            }
            unsafe list = unsafe longer
        }
        return unsafe list
    }

    private static func check(_ code: CURLcode) throws(CurlFailure) {
        guard code == CURLE_OK else { throw CurlFailure(code: code) }
    }
}
