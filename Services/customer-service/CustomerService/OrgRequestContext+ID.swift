import HTTPService
import Hummingbird
import Shared

extension OrgRequestContext {
    /// The id in the path; what is no id is as unknown as an id that nobody has.
    func id<Entity>(of type: Entity.Type) throws(Problem) -> ID<Entity> {
        guard let id = self.parameters.get("id").flatMap({ ID<Entity>($0) }) else { throw .notFound }
        return id
    }
}
