package programme

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// versionText is what the public record commits to; docs/formats/floor.md specifies it.
type versionText struct {
	Dialogue dialogue.ID `json:"dialogue"`
	Sample   bool        `json:"sample,omitempty"`
	Version  int         `json:"version"`
	Zone     string      `json:"time_zone"`
	Changes  []Change    `json:"changes"`
	Programme
}

// entryPrefix begins the types of entries.
const entryPrefix = "programme."

// Publish makes the draft, as it stood at edit, the next version, and an entry of the public record. It answers a
// *page.Problem where the draft has moved on, has nothing new, or is not fit to be published.
func (room *Room) Publish(ctx context.Context, actor party.Actor, id dialogue.ID, edit int) error {
	err := room.o.DB.Write(ctx, func(tx *store.Tx) error {
		h, err := room.o.Dialogue(tx, id)
		if err != nil {
			return err
		}
		if err := party.Allow(actor, party.EditProgramme, h.scope()); err != nil {
			return err
		}
		p, at, ok, err := room.draft(tx, id, true)
		if err != nil {
			return err
		}
		if at != edit {
			return errMovedOn
		}
		if !ok || !fit(&p) {
			return &page.Problem{Status: 409, Key: "programme.problem.unfit"}
		}
		last, err := room.version(tx, id, newest)
		if err != nil {
			return err
		}
		v := &Version{Number: 1, Published: room.o.Clock(), Person: actor.Person, Changes: []Change{}}
		entry := ledger.Entry{Org: room.o.Org, Type: entryPrefix + "published", At: v.Published.UTC().Truncate(time.Second).Format(time.RFC3339)}
		if last != nil {
			v.Number = last.Number + 1
			entry.Cites = []ledger.ID{last.Entry}
		}
		links := p.links()
		next := p.public()
		if last != nil {
			v.Changes = changes(last, &p)
			if len(v.Changes) == 0 {
				return &page.Problem{Status: 409, Key: "programme.problem.nothing"}
			}
			count(&last.Programme, &next)
		}
		v.Programme = next
		if entry.Text, err = json.Marshal(versionText{id, h.Sample, v.Number, h.Zone.String(), v.Changes, next}); err != nil {
			return err
		}
		entry.Subject = fmt.Sprintf("programme/%s/%d", id, v.Number)
		if v.Entry, err = room.o.Ledger.Enter(tx, entry); err != nil {
			return err
		}
		if err := room.keepVersion(tx, id, v, entry.Text, links); err != nil {
			return err
		}
		return room.keepDraft(tx, id, &p, edit+1, v.Published)
	})
	if err != nil {
		return fmt.Errorf("publishing the programme of %s: %w", id, err)
	}
	return nil
}

// changes lists what the draft changes of the last version, links included, which the public record does not show.
func changes(last *Version, p *Programme) []Change {
	was, next := last.Programme.public(), p.public()
	all := compare(&was, &next)
	if !sameAs(p.links(), last.Programme.links()) {
		all = append(all, Change{What: Changed, Kind: "programme", Fields: []string{"links"}})
	}
	return all
}

// fit tells whether there is anything to publish: a sitting, and an item.
func fit(p *Programme) bool {
	return slices.ContainsFunc(p.Days, func(d Day) bool {
		return slices.ContainsFunc(d.Sittings, func(s Sitting) bool { return len(s.Items) > 0 })
	})
}

func (p *Programme) links() map[ID]string {
	all := map[ID]string{}
	for _, d := range p.Days {
		for _, s := range d.Sittings {
			if s.Link != "" {
				all[s.ID] = s.Link
			}
		}
	}
	return all
}

// count gives each sitting its number of published changes, and keeps those that were cancelled.
func count(last, next *Programme) {
	for i := range next.Days {
		for j := range next.Days[i].Sittings {
			s := &next.Days[i].Sittings[j]
			s.Sequence = 0
			for _, c := range last.Cancelled {
				if c.ID == s.ID { // it is held after all
					s.Sequence = c.Sequence + 1
				}
			}
			if day, was := last.sitting(s.ID); was != nil {
				bare := *was
				bare.Link = ""
				s.Sequence = was.Sequence
				if !sameAs(bare, *s) || day.Date != next.Days[i].Date {
					s.Sequence++
				}
			}
		}
	}
	next.Cancelled = nil
	for _, c := range last.Cancelled {
		if _, s := next.sitting(c.ID); s == nil {
			next.Cancelled = append(next.Cancelled, c)
		}
	}
	for _, d := range last.Days {
		for _, s := range d.Sittings {
			if _, still := next.sitting(s.ID); still == nil {
				next.Cancelled = append(next.Cancelled, Cancelled{s.ID, d.Date, s.Start, s.End, s.Sequence + 1})
			}
		}
	}
}
