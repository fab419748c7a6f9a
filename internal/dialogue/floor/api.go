package floor

import (
	"net/http"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/page"
)

// The shapes below are the interface for programs; docs/formats/floor.md describes them.

type apiFloor struct {
	Dialogue dialogue.ID    `json:"dialogue"`
	Sample   bool           `json:"sample"`
	At       string         `json:"at"`
	State    State          `json:"state"` // empty before the floor is opened
	Item     ItemID         `json:"item,omitempty"`
	Phase    Phase          `json:"phase,omitempty"`
	ListOpen bool           `json:"list_open"`
	Settings Settings       `json:"settings"`
	Now      *apiTurn       `json:"now"`
	Next     []apiPlace     `json:"next"`
	Turns    []apiTurn      `json:"turns"`
	Changes  []apiOverruled `json:"order_changes"`
}

type apiTurn struct {
	Number   int    `json:"number"`
	Item     ItemID `json:"item"`
	Kind     Kind   `json:"kind"`
	Request  int    `json:"request,omitempty"`
	Naming   Naming `json:"naming"`
	Who      string `json:"who,omitempty"`
	Type     string `json:"type,omitempty"`
	Mode     Mode   `json:"mode,omitempty"`
	Lang     string `json:"lang,omitempty"`
	Began    string `json:"began"`
	Ended    string `json:"ended,omitempty"`
	Seconds  int    `json:"seconds"`
	Allotted int    `json:"allotted"`
	Runs     bool   `json:"runs,omitempty"`
	Entry    string `json:"entry,omitempty"`
}

type apiPlace struct {
	Request int         `json:"request"`
	Kind    Kind        `json:"kind"`
	Naming  Naming      `json:"naming"`
	Who     string      `json:"who,omitempty"`
	Type    string      `json:"type,omitempty"`
	Asked   string      `json:"asked"`
	Passed  int         `json:"passed"`
	Reasons []apiReason `json:"reasons"`
}

type apiReason struct {
	Why     Why    `json:"why"`
	Type    string `json:"type,omitempty"`
	Mode    Mode   `json:"mode,omitempty"`
	N       int    `json:"n,omitempty"`
	Seconds int    `json:"seconds,omitempty"`
}

type apiOverruled struct {
	At     string `json:"at"`
	What   What   `json:"what"`
	Item   ItemID `json:"item"`
	Who    string `json:"who,omitempty"`
	Before int    `json:"before,omitempty"`
	Reason string `json:"reason"`
	Entry  string `json:"entry"`
}

// api gives the public state of a floor: of each speaker what the pages show, and no more.
func (room *Room) api(w http.ResponseWriter, r *page.Request) error {
	s, _, _, err := room.look(r, nil)
	if err != nil {
		return err
	}
	now := room.o.Clock()
	list := s.List(s.Item)
	f := apiFloor{
		Dialogue: s.Dialogue, Sample: s.held.Sample, At: now.UTC().Format(time.RFC3339), State: s.State, Item: s.Item,
		ListOpen: list.Open, Settings: list.Settings, Next: []apiPlace{}, Turns: []apiTurn{}, Changes: []apiOverruled{},
	}
	if s.Item != "" {
		f.Phase = list.Phase
	}
	for i := range s.Speeches {
		f.Turns = append(f.Turns, apiTurnOf(&s.Speeches[i], now))
	}
	if sp := s.Speaking(); sp != nil {
		t := apiTurnOf(sp, now)
		f.Now = &t
	}
	for _, p := range s.order(s.Item, now) {
		row := apiPlace{
			Request: p.Request.N, Kind: p.Kind, Naming: p.Participant.Naming, Type: p.Participant.shownType(),
			Asked: second(p.Asked), Passed: p.Passed, Reasons: []apiReason{},
		}
		if p.Participant.Naming == ByName {
			row.Who = p.Participant.Name
		}
		for _, reason := range p.Reasons {
			if p.Participant.Naming == Withheld && reason.Why == WhyMode {
				continue // the mode would be said
			}
			row.Reasons = append(row.Reasons, apiReason(reason))
		}
		f.Next = append(f.Next, row)
	}
	for _, a := range s.Acts {
		if a.What.Override() {
			f.Changes = append(f.Changes, apiOverruled{second(a.At), a.What, a.Item, a.Who, a.Before, a.Reason, string(a.Entry)})
		}
	}
	return page.JSON(w, http.StatusOK, f)
}

func apiTurnOf(s *Speech, now time.Time) apiTurn {
	t := apiTurn{
		Number: s.N, Item: s.Item, Kind: s.Kind, Request: s.Request, Naming: s.Naming, Who: s.Who, Type: s.Type, Mode: s.Mode, Lang: s.Lang,
		Began: second(s.Began), Seconds: s.Seconds(now), Allotted: s.Allotted, Runs: !s.Since.IsZero(), Entry: string(s.Entry),
	}
	if !s.Lasts() {
		t.Ended = second(s.Ended)
	}
	if s.Naming == Withheld {
		t.Mode, t.Lang = "", ""
	}
	return t
}
