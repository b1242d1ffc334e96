package import Shared

/// The client of a service for erasing and exporting customers, and the types both sides compile against.
///
/// Every service that keeps something of customers has the routes, for the organization in the call's headers.
package struct ErasureAPI: Sendable {
    let client: InternalClient

    package init(client: InternalClient) {
        self.client = client
    }

    /// Erases a part of what there is: `POST /internal/erasures`.
    ///
    /// Repeating it changes nothing.
    package func erase(_ request: ErasureRequest, as acting: Acting, deadline: Duration) async throws -> ErasureAnswer {
        try await self.client.post("/internal/erasures", request, as: acting, repeatable: true, deadline: deadline)
    }

    /// Who would be erased: `GET /internal/erasures/{id}` of customer-service.
    ///
    /// Of those who are gone it is what is known of them.
    /// - Throws: `Problem` `not-found`.
    package func subject(_ id: CustomerID, as acting: Acting) async throws -> ErasureAnswer {
        try await self.client.get("/internal/erasures/\(id)", as: acting)
    }
}

/// The body of `POST /internal/erasures`.
package struct ErasureRequest: Codable, Sendable, Equatable {
    /// The customer, and those who were merged into them.
    package var customerIDs: [CustomerID]
    package var conversationIDs: [ConversationID]
    /// Of the addresses that the customer had: `AddressMarks`.
    package var marks: [String]
    /// What came later is somebody else's, where addresses alone tell whose it is.
    package var before: Timestamp
    /// Where the answer before said that it goes on; nil at the beginning.
    package var cursor: String?

    package init(
        customerIDs: [CustomerID],
        conversationIDs: [ConversationID] = [],
        marks: [String] = [],
        before: Timestamp,
        cursor: String? = nil
    ) {
        self.customerIDs = customerIDs
        self.conversationIDs = conversationIDs
        self.marks = marks
        self.before = before
        self.cursor = cursor
    }
}

/// What a service did for an erasure, and what it knows that the others need.
package struct ErasureAnswer: Codable, Sendable, Equatable {
    /// How far it is.
    package enum State: Codable, Sendable, Equatable {
        /// There is more, from there on.
        case goesOn(cursor: String)
        /// Something has to come to an end first: all of it is to be asked again a moment later.
        case waits
        /// Nothing is left.
        case done
    }

    package var state: State
    package var customerIDs: [CustomerID]
    package var conversationIDs: [ConversationID]
    package var marks: [String]

    package init(
        _ state: State,
        customerIDs: [CustomerID] = [],
        conversationIDs: [ConversationID] = [],
        marks: [String] = []
    ) {
        self.state = state
        self.customerIDs = customerIDs
        self.conversationIDs = conversationIDs
        self.marks = marks
    }
}
