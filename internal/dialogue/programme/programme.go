// Package programme is the room of the dialogue that says when what is discussed: days, sittings, items, panels, and
// the tour de table.
//
// A programme is worked on as a draft by several people, and published in versions. Each version is an entry of the
// public record that says what changed. Times are kept as local times in the dialogue's zone, for that is what a
// meeting promises.
package programme

import (
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/party"
)

// ID names a day, a sitting or an item within its dialogue: "tour-de-table".
type ID string

// Programme is what happens on the days of a dialogue.
type Programme struct {
	// Languages are those that are interpreted, as BCP 47 tags; with one alone nothing is.
	Languages []string `json:"languages,omitempty"`
	// Rev counts the changes of Languages.
	Rev  int   `json:"rev,omitempty"`
	Days []Day `json:"days"`
	// Cancelled are sittings that an earlier version had, so that calendars strike them out.
	Cancelled []Cancelled `json:"cancelled,omitempty"`
}

// Day is a day of a dialogue.
type Day struct {
	ID   ID     `json:"id"`
	Rev  int    `json:"rev,omitempty"`
	Date string `json:"date"` // 2026-11-23, in the dialogue's zone
	// Preparation marks the day before, for stakeholders among themselves.
	Preparation bool      `json:"preparation,omitempty"`
	Sittings    []Sitting `json:"sittings"`
}

// Sitting is a stretch of a day in one room.
type Sitting struct {
	ID    ID     `json:"id"`
	Rev   int    `json:"rev,omitempty"`
	Start string `json:"start"` // 10:00, local time
	End   string `json:"end"`
	Room  string `json:"room,omitempty"`
	// Link is where participants join from afar. It is never published.
	Link  string `json:"link,omitempty"`
	Items []Item `json:"items"`
	// Sequence counts the published changes of the sitting, for calendars (RFC 5545, 3.8.7.4).
	Sequence int `json:"sequence"`
}

// Cancelled is a sitting that is not held, with what a calendar must know of it.
type Cancelled struct {
	ID       ID     `json:"id"`
	Date     string `json:"date"`
	Start    string `json:"start"`
	End      string `json:"end"`
	Sequence int    `json:"sequence"`
}

// Item is one item of a sitting.
type Item struct {
	ID    ID             `json:"id"`
	Rev   int            `json:"rev,omitempty"`
	Title dialogue.Words `json:"title"`
	// Minutes are planned; 0 for no plan.
	Minutes int `json:"minutes,omitempty"`
	// Panel are those who speak first.
	Panel []Panellist `json:"panel,omitempty"`
	// Standing are the standing items of a tour de table.
	Standing []dialogue.Words `json:"standing,omitempty"`
}

// Panellist speaks in a panel, in a public role.
type Panellist struct {
	Name string `json:"name,omitempty"`
	// Role is what they are there as, with their organisation, in the editors' words.
	Role      string `json:"role,omitempty"`
	Moderator bool   `json:"moderator,omitempty"`
	// Named tells whether they agreed to be named. Who did not is published by role alone.
	Named bool `json:"named,omitempty"`
}

// Public is the panellist as the public may know them.
func (p Panellist) Public() Panellist {
	if !p.Named {
		p.Name = ""
	}
	return p
}

// Held is a dialogue as its programme must know it.
type Held struct {
	ID    dialogue.ID
	Title dialogue.Words
	// Body is the working group, for the policy.
	Body string
	// First and Last are its days in Zone, preparation day included.
	First, Last locale.Date
	Zone        *time.Location
	// Sample marks an exercise: every page and export says so.
	Sample bool
}

func (h Held) scope() party.Scope { return party.OfDialogue(string(h.ID), h.Body) }

// Usual is an item that the mechanism's preset has in a usual day, in its order.
type Usual struct {
	ID   ID
	Name dialogue.Words
}

// Version is a programme that was published.
type Version struct {
	Number    int
	Programme Programme
	Changes   []Change
	Published time.Time
	// Person published it; empty for somebody whose data have been erased.
	Person party.PersonID
	Entry  ledger.ID
}

// sitting finds a sitting with its day.
func (p *Programme) sitting(id ID) (*Day, *Sitting) {
	for i := range p.Days {
		for j := range p.Days[i].Sittings {
			if s := &p.Days[i].Sittings[j]; s.ID == id {
				return &p.Days[i], s
			}
		}
	}
	return nil, nil
}

func (p *Programme) day(id ID) *Day {
	for i := range p.Days {
		if p.Days[i].ID == id {
			return &p.Days[i]
		}
	}
	return nil
}

// item finds an item with its sitting.
func (p *Programme) item(id ID) (*Sitting, *Item) {
	for i := range p.Days {
		for j := range p.Days[i].Sittings {
			s := &p.Days[i].Sittings[j]
			for k := range s.Items {
				if s.Items[k].ID == id {
					return s, &s.Items[k]
				}
			}
		}
	}
	return nil, nil
}

// has tells whether an id is taken.
func (p *Programme) has(id ID) bool {
	_, s := p.sitting(id)
	_, it := p.item(id)
	return p.day(id) != nil || s != nil || it != nil
}

// public is the programme as it is published: without links, without the names of those who did not agree, and
// without the counts of the draft.
func (p *Programme) public() Programme {
	out := Programme{Languages: p.Languages, Days: []Day{}, Cancelled: p.Cancelled}
	for _, d := range p.Days {
		day := Day{ID: d.ID, Date: d.Date, Preparation: d.Preparation, Sittings: []Sitting{}}
		for _, s := range d.Sittings {
			sitting := Sitting{ID: s.ID, Start: s.Start, End: s.End, Room: s.Room, Sequence: s.Sequence, Items: []Item{}}
			for _, it := range s.Items {
				it.Rev = 0
				var panel []Panellist
				for _, one := range it.Panel {
					panel = append(panel, one.Public())
				}
				it.Panel = panel
				sitting.Items = append(sitting.Items, it)
			}
			day.Sittings = append(day.Sittings, sitting)
		}
		out.Days = append(out.Days, day)
	}
	return out
}

// usual drafts the programme of a dialogue from the mechanism's usual items: a preparation day where there is more
// than one day, and on the last day a morning up to the panels and an afternoon from the tour de table.
func usual(h Held, items []Usual) Programme {
	p := Programme{Days: []Day{}}
	first := h.First.String()
	if h.First != h.Last {
		p.Days = append(p.Days, Day{ID: "preparation", Rev: 1, Date: first, Preparation: true, Sittings: []Sitting{
			{ID: "preparation-morning", Rev: 1, Start: "10:00", End: "13:00", Items: []Item{}},
		}})
	}
	day := Day{ID: "dialogue", Rev: 1, Date: h.Last.String(), Sittings: []Sitting{
		{ID: "morning", Rev: 1, Start: "10:00", End: "13:00", Items: []Item{}},
		{ID: "afternoon", Rev: 1, Start: "15:00", End: "18:00", Items: []Item{}},
	}}
	half := 0
	for _, u := range items {
		if u.ID == "tour-de-table" {
			half = 1
		}
		day.Sittings[half].Items = append(day.Sittings[half].Items, Item{ID: u.ID, Rev: 1, Title: u.Name})
	}
	p.Days = append(p.Days, day)
	return p
}
