import HTTPService
import HTTPTypes
import Hummingbird
import NIOCore

/// The API's document: as it is under `/openapi.yaml`, and to be read by people under `/docs`.
///
/// Both are public, and the page needs no network.
struct DocumentRoutes: Sendable {
    private let yaml: ByteBuffer
    private let page: ByteBuffer

    init() {
        let yaml = PackageResources.openapi_yaml
        let template = String(decoding: PackageResources.docs_html, as: UTF8.self)
        let outline = DocumentOutline(yaml: String(decoding: yaml, as: UTF8.self))
        self.yaml = ByteBuffer(bytes: yaml)
        self.page = ByteBuffer(string: DocumentPage(outline: outline).html(in: template))
    }

    func add(to router: some RouterMethods<GatewayRequestContext>) {
        router.get("/openapi.yaml") { _, _ in
            Response(
                status: .ok,
                headers: [.contentType: "application/yaml; charset=utf-8", .cacheControl: "no-cache"],
                body: .init(byteBuffer: self.yaml)
            )
        }
        router.get("/docs") { _, _ in
            Response(
                status: .ok,
                headers: [
                    .contentType: "text/html; charset=utf-8", .cacheControl: "no-cache",
                    .contentSecurityPolicy: "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'",
                ],
                body: .init(byteBuffer: self.page)
            )
        }
    }
}
