package app

import (
	"net/http"

	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// deskPath is where a person comes after signing in.
const deskPath = "/desk"

// deskView is what needs somebody today.
type deskView struct {
	Name   string
	Duties []page.Duty
	Ways   []wayView
}

type wayView struct{ Path, Text string }

// duties is a room that knows what waits for somebody.
type duties interface {
	Today(tx *store.Tx, r *page.Request, actor party.Actor) ([]page.Duty, error)
}

// seatDesk adds the first page after signing in: what needs me today, and where everything else is.
func seatDesk(a *App, h *house) error {
	desk, err := page.Parse[deskView](h.site, templates, "desk")
	if err != nil {
		return err
	}
	h.site.Page("GET "+deskPath, h.directory.SignedIn(func(w http.ResponseWriter, r *page.Request, actor party.Actor) error {
		v := deskView{Name: actor.Name}
		err := a.db.Read(r.Context(), func(tx *store.Tx) error {
			v.Duties = nil
			for _, room := range h.rooms.duties() {
				some, err := room.Today(tx, r, actor)
				if err != nil {
					return err
				}
				v.Duties = append(v.Duties, some...)
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, item := range h.deskItems(actor) {
			v.Ways = append(v.Ways, wayView{item.Path, r.Text(item.Key)})
		}
		return desk.Render(w, r, v)
	}))
	return nil
}
