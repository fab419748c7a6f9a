package summary

import (
	"errors"

	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// Today tells what waits for somebody who writes summaries: one to begin or to publish, and what others say of a draft.
func (room *Room) Today(tx *store.Tx, r *page.Request, actor party.Actor) ([]page.Duty, error) {
	if room.o.Dialogues == nil || !party.MayAnywhere(actor, party.EditSummary) {
		return nil, nil
	}
	held, err := room.o.Dialogues(tx)
	if err != nil {
		return nil, err
	}
	var all []page.Duty
	for _, h := range held {
		if !h.Open || !party.May(actor, party.EditSummary, h.scope()) {
			continue
		}
		name, _ := h.Title.In(r.Lang)
		title := isolate(name.Text)
		s, err := room.summary(tx, h.ID)
		if errors.Is(err, ErrNotFound) {
			all = append(all, page.Duty{Text: r.Text("summary.today.begin", "Title", title), Path: desk(h.ID)})
			continue
		}
		if err != nil {
			return nil, err
		}
		if s.Published == 0 {
			all = append(all, page.Duty{Text: r.Text("summary.today.write", "Title", title), Path: desk(h.ID)})
		}
		n, err := room.waiting(tx, s)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			all = append(all, page.Duty{Text: r.Text("summary.today.replies", "Title", title), Path: desk(h.ID) + "/replies", Count: n})
		}
	}
	return all, nil
}
