import ArgumentParser

/// What is known of every message: where it goes through, and when it was made.
struct DeliveryFilters: ParsableArguments {
    @Option(parsing: .singleValue, help: "A channel, or several with commas.")
    var channel: [String] = []

    @Option(help: .init("Of this channel account.", valueName: "id"))
    var account: String?

    @Option(help: .init("Created after this time: ISO 8601 with a zone.", valueName: "time"))
    var createdAfter: String?

    @Option(help: .init("Created before this time: ISO 8601 with a zone.", valueName: "time"))
    var createdBefore: String?

    var fields: [MessageFilter] {
        [MessageFilter]("channel", anyOf: self.channel) + [MessageFilter]("account_id", self.account)
            + [MessageFilter]("created_after", self.createdAfter)
            + [MessageFilter]("created_before", self.createdBefore)
    }
}

/// The filters that lists of messages, and operations on all that match, have in common.
struct MessageFilters: ParsableArguments {
    @OptionGroup var delivery: DeliveryFilters

    @Option(help: .init("To this customer.", valueName: "id"))
    var customer: String?

    @Option(help: .init("Of this conversation.", valueName: "id"))
    var conversation: String?

    @Option(help: .init("With this reference of yours.", valueName: "text"))
    var reference: String?

    var fields: [MessageFilter] {
        self.delivery.fields + [MessageFilter]("customer_id", self.customer)
            + [MessageFilter]("conversation_id", self.conversation) + [MessageFilter]("reference", self.reference)
    }
}

/// The filters of failed messages.
struct FailedFilters: ParsableArguments {
    @OptionGroup var delivery: DeliveryFilters

    @Option(help: .init("Failed with this error.", valueName: "code"))
    var errorCode: String?

    var fields: [MessageFilter] {
        self.delivery.fields + [MessageFilter]("error_code", self.errorCode)
    }
}
