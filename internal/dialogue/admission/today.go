package admission

import (
	"context"

	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// waits says in which states an application waits for whom.
var waits = []struct {
	states []string
	role   party.Action
	key    string
}{
	{[]string{application.Submitted, application.CompletenessCheck, application.Resubmitted}, party.CheckApplication, "admission.today.check"},
	{[]string{application.WithBureau}, party.ObjectToApplication, "admission.today.bureau"},
	{[]string{application.NoObjection}, party.CheckApplication, "admission.today.grant"},
	{[]string{application.Replied}, party.DecideApplication, "admission.today.decide"},
}

// Today tells what waits for somebody in the dialogues that they work on: applications to check, to consider, to decide.
func (room *Room) Today(tx *store.Tx, r *page.Request, actor party.Actor) ([]page.Duty, error) {
	all, err := room.o.Cycle.Dialogues(tx)
	if err != nil {
		return nil, err
	}
	var duties []page.Duty
	for _, d := range all {
		if d.State == cycle.Closed || !party.May(actor, party.ReadApplication, d.Scope()) {
			continue
		}
		totals, err := room.o.Applications.Totals(tx, d.ID)
		if err != nil {
			return nil, err
		}
		for _, w := range waits {
			n, query := 0, ""
			for _, s := range w.states {
				n += totals[s]
				if totals[s] > 0 {
					query += "&state=" + s
				}
			}
			if n > 0 && party.May(actor, w.role, d.Scope()) {
				duties = append(duties, page.Duty{Text: room.o.Catalogues.Count(r.Lang, w.key, n), Hint: said(d.Title, r.Lang), Path: deskPath(d.ID) + "/applications?" + query[1:], Count: n})
			}
		}
	}
	return duties, nil
}

// offer leads from a dialogue's pages to what this room has of it.
func (room *Room) offer(ctx context.Context, r *page.Request, d *cycle.Dialogue) ([]cycle.Link, error) {
	public := "/dialogues/" + string(d.ID)
	links := []cycle.Link{{Path: public + "/counts", Text: r.Text("admission.counts.title"), Hint: r.Text("admission.counts.hint")}}
	if room.o.Cycle.Reached(d, cycle.BureauReview) {
		links = append(links, cycle.Link{Path: public + "/objections", Text: r.Text("admission.objections.title"), Hint: r.Text("admission.objections.hint")})
	}
	if room.o.Cycle.Reached(d, cycle.Confirmed) {
		links = append(links, cycle.Link{Path: public + "/participants", Text: r.Text("admission.tab.participants")})
	}
	if r.Viewer.Anonymous() {
		return links, nil
	}
	actor, err := room.o.Directory.Actor(ctx, r)
	if err != nil || !party.May(actor, party.ReadApplication, d.Scope()) {
		return links, err
	}
	desk := []cycle.Link{{Path: deskPath(d.ID) + "/applications", Text: r.Text("admission.applications"), Hint: r.Text("admission.applications.hint")}}
	if party.May(actor, party.CheckApplication, d.Scope()) {
		for _, name := range deskTabs[1:] {
			desk = append(desk, cycle.Link{Path: deskPath(d.ID) + "/" + name, Text: r.Text("admission.tab." + name)})
		}
	}
	return append(desk, links...), nil
}
