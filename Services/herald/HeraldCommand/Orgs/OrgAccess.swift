/// Through which route an organization is reached, and as whom.
struct OrgAccess {
    let client: APIClient
    let path: String

    /// Takes the organization that the operator works on; nil for the caller's own.
    init(id: String?, in session: Session) throws(CommandFailure) {
        if let id {
            self.client = try session.operatorClient()
            self.path = "/api/v1/orgs/\(APIRequest.encode(id))"
        } else {
            self.client = try session.client()
            self.path = "/api/v1/org"
        }
    }
}
