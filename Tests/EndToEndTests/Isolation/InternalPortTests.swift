import HTTPService
import InternalAPI
import NIOHTTP1
import Shared
import TestSupport
import Testing

/// The ports on which services call each other: who names an organization there without their token gets 401.
@Suite struct InternalPortTests {
    @Test(.timeLimit(.minutes(5))) func nobodyIsHeardWithoutTheServicesToken() async throws {
        let document = try APIDocument.ours.get()
        try await withPlatform(worker: false) { platform in
            let victim = try await platform.newTenant()
            let orgID = try await victim.get("/api/v1/org").id
            let forged = try await ServiceTokens(secret: String(repeating: "another secret", count: 3))
            let keys = [nil, "x", victim.key, Platform.operatorKey, try await forged.issue(as: .apiGateway)]
            let headers: HTTPHeaders = [
                InternalHeader.org: orgID, InternalHeader.actor: "operator", InternalHeader.mode: "live",
            ]
            var refused: Set<String> = []
            for operation in document.operations where operation.isAPI {
                let path = operation.path.replacing("/api/v1", with: "/internal")
                    .replacing("{id}", with: MessageID.new().description).replacing("{n}", with: "0")
                for url in platform.internalURLs {
                    for key in keys {
                        let answer = try await API(url: url, key: key).send(
                            HTTPMethod(rawValue: operation.method),
                            path,
                            Array("{}".utf8),
                            headers
                        )
                        // 404: another service has this route.
                        #expect([401, 404].contains(answer.status), "\(operation.name) at \(url): \(answer.status)")
                        if answer.status == 401 { refused.insert(operation.name) }
                    }
                }
            }
            // All but what the gateway answers by itself.
            #expect(refused.count >= 80)
            #expect(try await victim.get("/api/v1/messages").json["data"] == [])
        }
    }
}
