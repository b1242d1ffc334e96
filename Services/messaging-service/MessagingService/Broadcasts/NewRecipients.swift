import PhoneNumbers
import Shared

/// The recipients that a broadcast names one by one, each once, in their order; the columns of `broadcast_recipients`.
///
/// What is no recipient at all (another shape than an object with `to` or `customer_id`) fails the request; an address that can
/// not be reached, or parameters that do not fit, refuse that recipient alone, with the reason.
struct NewRecipients: Sendable {
    /// As it was read, before anything is known of the broadcast.
    struct Element: Sendable {
        let to: String?
        let customerID: CustomerID?
        let parameters: [String: String]
    }

    private(set) var addresses: [String?] = []
    private(set) var customers: [CustomerID?] = []
    private(set) var parameters: [String?] = []
    private(set) var refusals: [String?] = []
    /// How many stood there again.
    private(set) var duplicates = 0

    var count: Int { self.addresses.count }
    var refused: Int { self.refusals.count { $0 != nil } }

    /// Reads addresses, some thousands by each task, and keeps the first of those that are the same.
    init(_ elements: [Element], of content: BroadcastContent, region: PhoneRegion?) async {
        let slices = stride(from: 0, to: elements.count, by: Self.slice).map { start in
            elements[start..<min(start + Self.slice, elements.count)]
        }
        let read = await withTaskGroup(of: (Int, [Reading]).self) { group in
            for (index, slice) in slices.enumerated() {
                group.addTask { (index, slice.map { Self.reading($0, of: content, region: region) }) }
            }
            var read = [[Reading]](repeating: [], count: slices.count)
            for await (index, readings) in group { read[index] = readings }
            return read
        }
        var (knownAddresses, knownCustomers): (Set<String>, Set<CustomerID>) = ([], [])
        for (element, reading) in zip(elements, read.joined()) {
            let isNew =
                if let id = element.customerID {
                    knownCustomers.insert(id).inserted
                } else {
                    reading.refusal != nil || knownAddresses.insert(reading.address ?? "").inserted
                }
            guard isNew else {
                self.duplicates += 1
                continue
            }
            self.addresses.append(reading.address)
            self.customers.append(element.customerID)
            self.parameters.append(element.parameters.storedParameters)
            self.refusals.append(reading.refusal)
        }
    }

    /// The elements that one task reads.
    private static let slice = 5000

    private struct Reading: Sendable {
        var address: String?
        var refusal: String?
    }

    private static func reading(_ element: Element, of content: BroadcastContent, region: PhoneRegion?) -> Reading {
        var reading = Reading(address: element.to)
        if let to = element.to {
            do throws(AddressFailure) {
                reading.address = try Address(typed: to, for: content.channel, in: region).value
            } catch {
                reading.refusal = "to \(error.reason)"
            }
        }
        if reading.refusal == nil { reading.refusal = Self.refusal(of: element.parameters, by: content) }
        return reading
    }

    private static func refusal(of parameters: [String: String], by content: BroadcastContent) -> String? {
        do throws(ContentRules.Violations) {
            _ = try content.opened(with: parameters)
            return nil
        } catch {
            return error.sentence
        }
    }
}

extension NewRecipients.Element {
    /// Reads one element of `recipients`; what is wrong is added to `fields`.
    init(_ fields: inout JSONFields) {
        self.to = fields.string("to", 1...320)
        self.customerID = fields.id("customer_id", of: Customer.self)
        self.parameters = fields.parameters() ?? [:]
        if self.to != nil, self.customerID != nil {
            fields.violation(at: "to", "must be the only one of to and customer_id")
        } else if self.to == nil, self.customerID == nil, fields.violations.isEmpty {
            fields.violation(at: "to", "is required, or customer_id")
        }
    }
}

extension ContentRules.Violations {
    /// The first of them, for a reader who knows which recipient it is about.
    var sentence: String {
        self.all.first.map { $0.field.isEmpty ? $0.detail : "\($0.field) \($0.detail)" } ?? "does not fit"
    }
}
