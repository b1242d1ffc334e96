import ArgumentParser

/// `herald customers`.
struct CustomersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "customers",
        abstract: "Customers: who they are, and what they want.",
        subcommands: [
            CreateCustomer.self, ImportCustomers.self, ListCustomers.self, ShowCustomer.self, SetConsent.self,
            ExportCustomer.self, CountSends.self,
            DeleteCustomer.self, EraseCustomer.self, ListErasures.self, ReapplyErasures.self,
        ]
    )
}
