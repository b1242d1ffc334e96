import MessagingService
import Shared
import Testing

@Suite struct AttemptStateTests {
    /// Every order of every set of facts about an attempt gives one state, however often each is told.
    @Test(arguments: [Channel.whatsapp, .sms, .email])
    func theOrderAndTheNumberOfReportsMakeNoDifference(channel: Channel) {
        for set in subsets(of: AttemptState.allCases) where !set.isEmpty {
            let states = Set(permutations(of: set).map { order in fold(order + order.reversed() + order, on: channel) })
            #expect(states.count == 1, "\(set) on \(channel)")
        }
    }

    @Test(arguments: [
        ([AttemptState.failed, .sent], AttemptState.failed), ([.failed, .delivered], .delivered),
        ([.failed, .read], .read), ([.uncertain, .sent], .sent), ([.unused, .uncertain], .unused),
        ([.unused, .sent], .sent), ([.unused, .failed], .failed),
        ([.uncertain, .failed], .failed), ([.delivered, .read], .read), ([.sent, .delivered], .delivered),
    ])
    func onPhonesADeliveryBeatsAFailureAndAFailureBeatsSent(facts: [AttemptState], state: AttemptState) {
        #expect(fold(facts, on: .whatsapp) == state)
        #expect(fold(facts.reversed(), on: .sms) == state)
    }

    @Test(arguments: [[AttemptState.delivered, .failed], [.read, .failed], [.sent, .failed]])
    func anEmailThatBouncesHasFailedWhateverWasSaidBefore(facts: [AttemptState]) {
        #expect(fold(facts, on: .email) == .failed)
        #expect(fold(facts.reversed(), on: .email) == .failed)
    }

    private func fold(_ states: [AttemptState], on channel: Channel) -> AttemptState {
        states.dropFirst().reduce(states[0]) { $0.folding($1, on: channel) }
    }
}

func subsets<Element>(of elements: [Element]) -> [[Element]] {
    elements.reduce([[]]) { sets, element in sets + sets.map { $0 + [element] } }
}

func permutations<Element>(of elements: [Element]) -> [[Element]] {
    guard elements.count > 1 else { return [elements] }
    return elements.indices.flatMap { index in
        var rest = elements
        let first = rest.remove(at: index)
        return permutations(of: rest).map { [first] + $0 }
    }
}
