import Foundation
import Tracing

/// Spans as the collector takes them: OTLP 1.3 in its JSON form (https://opentelemetry.io/docs/specs/otlp/).
///
/// Ids are hexadecimal there, and 64-bit numbers are texts.
struct OTLPExport: Encodable {
    let resourceSpans: [ResourceSpans]

    init(_ spans: [EndedSpan], of service: String) {
        self.resourceSpans = [
            ResourceSpans(
                resource: .init(attributes: [.init("service.name", .string(service))]),
                scopeSpans: [.init(scope: .init(name: "herald"), spans: spans.map(Span.init))]
            )
        ]
    }

    func bytes() throws -> [UInt8] { Array(try JSONEncoder().encode(self)) }

    struct ResourceSpans: Encodable {
        let resource: Resource
        let scopeSpans: [ScopeSpans]
    }

    struct Resource: Encodable { let attributes: [Attribute] }

    struct ScopeSpans: Encodable {
        let scope: Scope
        let spans: [Span]
    }

    struct Scope: Encodable { let name: String }

    struct Span: Encodable {
        let traceId: String
        let spanId: String
        let parentSpanId: String?
        let name: String
        let kind: Int
        let startTimeUnixNano: String
        let endTimeUnixNano: String
        let attributes: [Attribute]
        let events: [Event]
        let links: [Link]
        let status: Status

        init(_ span: EndedSpan) {
            self.traceId = span.trace.traceID.description
            self.spanId = span.trace.spanID.hexadecimal
            self.parentSpanId = span.parentID?.hexadecimal
            self.name = span.name
            self.kind = span.kind.otlpNumber
            self.startTimeUnixNano = String(span.startedAt)
            self.endTimeUnixNano = String(span.endedAt)
            self.attributes = Attribute.list(span.attributes)
            self.events = span.events.map(Event.init)
            self.links = span.links.map {
                Link(traceId: $0.traceID.description, spanId: $0.spanID.hexadecimal)
            }
            self.status = Status(span.status)
        }
    }

    struct Event: Encodable {
        let name: String
        let timeUnixNano: String
        let attributes: [Attribute]

        init(_ event: SpanEvent) {
            self.name = event.name
            self.timeUnixNano = String(event.nanosecondsSinceEpoch)
            self.attributes = Attribute.list(event.attributes)
        }
    }

    struct Link: Encodable {
        let traceId: String
        let spanId: String
    }

    struct Status: Encodable {
        /// 0 unset, 1 ok, 2 error.
        let code: Int

        init(_ status: SpanStatus?) {
            switch status?.code {
            case nil: self.code = 0
            case .ok: self.code = 1
            case .error: self.code = 2
            }
        }
    }

    struct Attribute: Encodable {
        enum Value {
            case string(String)
            case int(Int64)
            case double(Double)
            case bool(Bool)
        }

        struct Encoded: Encodable {
            var stringValue: String?
            var intValue: String?
            var doubleValue: Double?
            var boolValue: Bool?
        }

        let key: String
        let value: Encoded

        init(_ key: String, _ value: Value) {
            self.key = key
            switch value {
            case .string(let text): self.value = Encoded(stringValue: text)
            case .int(let number): self.value = Encoded(intValue: String(number))
            case .double(let number): self.value = Encoded(doubleValue: number)
            case .bool(let isTrue): self.value = Encoded(boolValue: isTrue)
            }
        }

        static func list(_ attributes: SpanAttributes) -> [Attribute] {
            var list: [Attribute] = []
            attributes.forEach { key, value in
                switch value {
                case .string(let text): list.append(Attribute(key, .string(text)))
                case .int32(let number): list.append(Attribute(key, .int(Int64(number))))
                case .int64(let number): list.append(Attribute(key, .int(number)))
                case .double(let number): list.append(Attribute(key, .double(number)))
                case .bool(let isTrue): list.append(Attribute(key, .bool(isTrue)))
                // We set no others.
                default: break
                }
            }
            return list.sorted { $0.key < $1.key }
        }
    }
}

extension SpanKind {
    fileprivate var otlpNumber: Int {
        switch self {
        case .internal: 1
        case .server: 2
        case .client: 3
        case .producer: 4
        case .consumer: 5
        }
    }
}
