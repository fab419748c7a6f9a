package followup

import (
	"slices"

	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// Today tells what waits for somebody: drafts that a second person clears, points on which a State has said nothing yet (it
// need not), and deliveries that nobody has confirmed.
func (room *Room) Today(tx *store.Tx, r *page.Request, actor party.Actor) ([]page.Duty, error) {
	var duties []page.Duty
	c := room.o.Catalogues
	add := func(key string, n int, path, hint string) {
		if n > 0 {
			duties = append(duties, page.Duty{Text: c.Count(r.Lang, key, n), Hint: hint, Path: path, Count: n})
		}
	}
	for _, code := range room.byName(r.Lang, statesOf(actor)) {
		points, err := room.pointsFor(tx, code)
		if err != nil {
			return nil, err
		}
		answers, err := list(tx, scanAnswer, answersBy, room.o.Org, code)
		if err != nil {
			return nil, err
		}
		clear, back, open := 0, 0, 0
		for _, p := range points {
			of := slices.DeleteFunc(slices.Clone(answers), func(a Answer) bool { return a.Point != p.ID })
			if len(of) == 0 && p.Withdrawn.IsZero() {
				open++
			}
			for _, a := range of {
				if a.Stage == Handed && a.Writer != actor.Person {
					clear++
				}
				if a.Stage == Draft && a.Note != "" && a.Writer == actor.Person {
					back++
				}
			}
		}
		path, name := "/desk/points/"+code, room.StateName(r.Lang, code)
		add("followup.today.clear", clear, path, name)
		add("followup.today.back", back, path, name)
		add("followup.today.open", open, path, name)
	}
	if party.May(actor, put, party.WholeInstance()) {
		open, err := room.openByOrigin(tx)
		if err != nil {
			return nil, err
		}
		n := 0
		for _, one := range open {
			n += one
		}
		add("followup.today.unconfirmed", n, "/desk/deliveries", "")
	}
	return duties, nil
}
