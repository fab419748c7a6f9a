package floor

import (
	"cmp"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/programme"
	"rostrum.example/internal/store"
)

// FromProgramme gives the items of the newest published programme, for Options.Items. Panellists who did not agree to
// be named are called by their role.
func FromProgramme(room *programme.Room) func(*store.Tx, dialogue.ID) ([]Item, error) {
	return func(tx *store.Tx, id dialogue.ID) ([]Item, error) {
		v, err := room.Published(tx, id)
		if err != nil || v == nil {
			return nil, err
		}
		var all []Item
		for _, d := range v.Programme.Days {
			for _, s := range d.Sittings {
				for _, it := range s.Items {
					item := Item{ID: ItemID(it.ID), Title: it.Title}
					for _, p := range it.Panel {
						p = p.Public()
						one := Panellist{Name: cmp.Or(p.Name, p.Role)}
						if p.Name != "" {
							one.Role = p.Role
						}
						item.Panel = append(item.Panel, one)
					}
					all = append(all, item)
				}
			}
		}
		return all, nil
	}
}
