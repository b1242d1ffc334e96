/// Through which route keys are reached, and as whom.
struct KeyAccess {
    let client: APIClient
    let path: String

    /// Takes the organization that the operator works on; nil for the caller's own.
    init(org: String?, in session: Session) throws(CommandFailure) {
        if let org {
            self.client = try session.operatorClient()
            self.path = "/api/v1/orgs/\(APIRequest.encode(org))/keys"
        } else {
            self.client = try session.client()
            self.path = "/api/v1/keys"
        }
    }
}
