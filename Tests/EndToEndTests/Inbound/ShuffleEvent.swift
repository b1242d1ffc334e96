import Shared
import TestSupport

/// One event as a provider tells of it: the same in every installation, but for the ids of the messages that were sent there.
struct ShuffleEvent: Sendable {
    enum Payload: Sendable {
        /// A change's value, after its metadata.
        case meta(String)
        case twilio([(String, String)], path: String)
        case sendGrid(String)
        case mail([(String, String)])
        case http(id: String, String)

        /// Whether a provider puts several into one request.
        var isGrouped: Bool {
            switch self {
            case .meta, .sendGrid: true
            case .twilio, .mail, .http: false
            }
        }
    }

    let payload: Payload

    /// What stands for the provider's id of a message until it is known.
    static func placeholder(_ reference: String) -> String { "{\(reference)}" }
}

/// Events of one provider that are posted in one request.
struct ShuffleRequest: Sendable {
    let events: [ShuffleEvent]

    /// One request for each event, or for several of one provider that follow each other.
    static func requests(_ events: [ShuffleEvent], most: () -> Int) -> [ShuffleRequest] {
        var requests: [ShuffleRequest] = []
        var group: [ShuffleEvent] = []
        var limit = most()
        for event in events {
            let joins = group.last.map { $0.payload.joins(event.payload) } ?? true
            if !joins || group.count >= limit {
                requests.append(ShuffleRequest(events: group))
                (group, limit) = ([], most())
            }
            group.append(event)
        }
        return group.isEmpty ? requests : requests + [ShuffleRequest(events: group)]
    }

    /// Each event once, in order.
    static func inOrder(_ events: [ShuffleEvent]) -> [ShuffleRequest] { self.requests(events) { 20 } }

    /// Each event one to fifty times, in any order and grouping.
    static func shuffled(_ events: [ShuffleEvent]) -> [ShuffleRequest] {
        var random = SeededGenerator(purpose: 2)
        let repeated = events.flatMap { event in
            [ShuffleEvent](repeating: event, count: self.repetitions(using: &random))
        }.shuffled(using: &random)
        let kinds: [[ShuffleEvent]] = [
            repeated.filter { if case .meta = $0.payload { true } else { false } },
            repeated.filter { if case .sendGrid = $0.payload { true } else { false } },
            repeated.filter { !$0.payload.isGrouped },
        ]
        var sizes = SeededGenerator(purpose: 3)
        return kinds.flatMap { kind in self.requests(kind) { Int.random(in: 1...8, using: &sizes) } }
            .shuffled(using: &random)
    }

    /// Mostly few: providers repeat what was not answered, and some repeat it for days.
    private static func repetitions(using random: inout SeededGenerator) -> Int {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<55: 1
        case 55..<75: 2
        case 75..<90: 3
        case 90..<99: Int.random(in: 4...8, using: &random)
        default: 50
        }
    }
}

extension ShuffleEvent.Payload {
    fileprivate func joins(_ other: Self) -> Bool {
        switch (self, other) {
        case (.meta, .meta), (.sendGrid, .sendGrid): true
        default: false
        }
    }
}
