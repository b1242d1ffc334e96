/// `API`, `Seed` and `SeededGenerator`, which programs of the lab use too, come with this module.
@_exported public import TestClient
