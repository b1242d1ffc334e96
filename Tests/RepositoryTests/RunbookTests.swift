import Foundation
import Testing

/// What the alerts say, and where the runbook explains them.
@Suite struct RunbookTests {
    private let alerts: [(name: String, link: String?)]
    private let sections: [String: String]

    init() throws {
        let rules = try Self.text(of: "deploy/prometheus/alerts.yml").components(separatedBy: "- alert: ").dropFirst()
        self.alerts = rules.map { rule in
            let name = String(rule.prefix { !$0.isNewline })
            return (name, rule.firstMatch(of: /runbook_url: '?([^'\n]+)'?/).map { String($0.1) })
        }
        let parts = try Self.text(of: "deploy/README.md").components(separatedBy: "\n### ").dropFirst()
        self.sections = Dictionary(
            parts.map { part in
                let (title, body) = (part.prefix { !$0.isNewline }, part.drop { !$0.isNewline })
                return (
                    String(title), String(body.prefix(upTo: body.firstRange(of: "\n## ")?.lowerBound ?? body.endIndex))
                )
            },
            uniquingKeysWith: { first, _ in first }
        )
    }

    @Test func everyAlertHasASectionThatSaysWhatItMeansAndWhatToDo() {
        #expect(self.alerts.count >= 28)
        for alert in self.alerts {
            let section = self.sections[alert.name] ?? ""
            #expect(section.contains("Means:") && section.contains("Do:"), "\(alert.name)")
        }
    }

    @Test func everyAlertLinksToItsSection() {
        for alert in self.alerts {
            #expect(alert.link == "deploy/README.md#\(alert.name.lowercased())", "\(alert.name)")
        }
    }

    @Test func noSectionIsLeftOfAnAlertThatIsGone() {
        let names = Set(self.alerts.map(\.name))
        for title in self.sections.keys where title.hasPrefix("Herald") && !title.contains(" ") {
            #expect(names.contains(title), "\(title)")
        }
    }

    private static func text(of path: String) throws -> String {
        try String(contentsOf: Sources.root.appending(path: path), encoding: .utf8)
    }
}
