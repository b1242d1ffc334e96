package import HTTPTypes

extension HTTPFields {
    /// Those of a file that somebody else made: it is saved, no browser runs it, and nobody keeps it for others.
    ///
    /// - Parameters:
    ///   - type: its content type, as it was told; nil when it was not.
    ///   - name: nil when it has none.
    package init(fileOf type: String?, named name: String?) {
        self = [
            .contentType: SafeMediaType(type ?? "").text,
            .contentDisposition: ContentDisposition(fileName: name).text,
            .cacheControl: "private, no-store",
        ]
        self[.xContentTypeOptions] = "nosniff"
    }
}
