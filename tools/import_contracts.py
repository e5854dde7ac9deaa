"""The door contract for import-linter: another room is entered through its door modules only."""

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class DoorContract(Contract):
    """Refuses an import from one room into another that does not end at a door."""

    root = fields.StringField()
    doors = fields.ListField(subfield=fields.StringField())
    open_rooms = fields.ListField(subfield=fields.StringField())
    free_importers = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Compare each direct import between two rooms with the list of doors."""
        breaches = sorted(
            (importer, imported)
            for importer in graph.modules
            if importer.startswith(f"{self.root}.")
            for imported in graph.find_modules_directly_imported_by(importer)
            if imported.startswith(f"{self.root}.") and self._breaks(importer, imported)
        )
        return ContractCheck(kept=not breaches, metadata={"breaches": breaches})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print one line a breach."""
        for importer, imported in check.metadata["breaches"]:
            output.print_error(f"{importer} enters {imported}, which is no door.")

    def _breaks(self, importer: str, imported: str) -> bool:
        from_room, to_room = importer.split(".")[1], imported.split(".")[1]
        if from_room == to_room or to_room in self.open_rooms or from_room in self.free_importers:  # type: ignore[operator]
            return False
        return imported.split(".")[2:3] not in [[door] for door in self.doors]  # type: ignore[attr-defined]
