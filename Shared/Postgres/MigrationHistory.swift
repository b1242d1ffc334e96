/// Why a service must not run on this database.
package enum MigrationFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// Versions in the program must ascend, each used once.
    case versionsDoNotAscend(version: Int)
    /// The database was migrated by a newer program, which this one could damage.
    case databaseIsNewer(version: Int, newestKnown: Int)
    /// The version was applied under another name: the file was renamed, or the database is another service's.
    case nameDiffers(version: Int, inDatabase: String, inProgram: String)
    /// A version below the newest applied one was added later; migrations are only ever appended.
    case insertedBefore(version: Int, newestApplied: Int)

    package var description: String {
        switch self {
        case .versionsDoNotAscend(let version): "migration \(version) does not follow the one before it"
        case .databaseIsNewer(let version, let newestKnown):
            "the database has migration \(version), this program knows \(newestKnown) at most: start a newer program"
        case .nameDiffers(let version, let inDatabase, let inProgram):
            "migration \(version) is \(inDatabase) in the database and \(inProgram) in this program: is it the right database?"
        case .insertedBefore(let version, let newestApplied):
            "migration \(version) is missing in the database, which has \(newestApplied) already: give it a higher number"
        }
    }
}

/// The migrations that a database has, by version.
struct MigrationHistory: Sendable {
    let names: [Int: String]

    static func check(_ migrations: [Migration]) throws(MigrationFailure) {
        for (previous, next) in zip(migrations, migrations.dropFirst()) where next.version <= previous.version {
            throw .versionsDoNotAscend(version: next.version)
        }
    }

    /// Returns those of `migrations` that the database lacks, in their order.
    func pending(of migrations: [Migration]) throws(MigrationFailure) -> [Migration] {
        let newestKnown = migrations.last?.version ?? 0
        let newestApplied = self.names.keys.max() ?? 0
        guard newestApplied <= newestKnown else {
            throw .databaseIsNewer(version: newestApplied, newestKnown: newestKnown)
        }
        var pending: [Migration] = []
        for migration in migrations {
            guard let name = self.names[migration.version] else {
                guard migration.version > newestApplied else {
                    throw .insertedBefore(version: migration.version, newestApplied: newestApplied)
                }
                pending.append(migration)
                continue
            }
            guard name == migration.name else {
                throw .nameDiffers(version: migration.version, inDatabase: name, inProgram: migration.name)
            }
        }
        return pending
    }
}
