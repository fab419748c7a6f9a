package admission

import (
	"cmp"
	"net/http"

	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/dialogue/cycle"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
)

// objectionsView is the public log of a dialogue: totals always, single objections only where they are disclosed and the
// organisation may be listed in public.
type objectionsView struct {
	Sample      bool
	Title, Path string
	Totals      []stateLink
	Shown       []disclosedLine
	Rule        string
	Decides     string
}

type disclosedLine struct {
	Organisation, Objector string
	Ground                 []string
	Made                   locale.Date
	State                  string
	Votes                  string
	History                string
	Entered                page.Entered
}

// objectionTotals counts what became of the organisations that were objected to.
type objectionTotals struct {
	Objections, Organisations, Replied, Referred, Admitted, Declined, Withdrawn, Open int
}

func (room *Room) objectionTotals(tx *store.Tx, d *cycle.Dialogue, all []Objection) (objectionTotals, error) {
	t := objectionTotals{Objections: len(all)}
	seen := map[application.ID]bool{}
	for _, o := range all {
		if seen[o.Application] {
			continue
		}
		seen[o.Application] = true
		t.Organisations++
		moves, err := room.o.Applications.Moves(tx, o.Application)
		if err != nil {
			return t, err
		}
		state := ""
		for _, m := range moves {
			if m.Dialogue != d.ID {
				continue
			}
			switch m.To {
			case application.Replied:
				t.Replied++
			case application.Referred:
				t.Referred++
			}
			state = m.To
		}
		switch {
		case application.Past(state):
			t.Admitted++
		case state == application.Declined:
			t.Declined++
		case state == application.Withdrawn:
			t.Withdrawn++
		default:
			t.Open++
		}
	}
	return t, nil
}

func (room *Room) showObjections(w http.ResponseWriter, r *page.Request) error {
	var v objectionsView
	var ids []ledger.ID
	err := room.forEverybody(r, func(tx *store.Tx, d *cycle.Dialogue) error {
		v = objectionsView{Sample: d.Sample, Title: said(d.Title, r.Lang), Path: "/dialogues/" + string(d.ID), Rule: in(room.o.Mechanism.Naming.Objectors.Text, r.Lang),
			Decides: in(room.o.Mechanism.Application.Rule, r.Lang)}
		all, err := room.Objections(tx, d.ID)
		if err != nil {
			return err
		}
		totals, err := room.objectionTotals(tx, d, all)
		if err != nil {
			return err
		}
		v.Totals = totals.lines(r)
		for _, o := range all {
			line, err := room.disclosedLine(tx, r, d, o)
			if err != nil {
				return err
			}
			if line != nil {
				v.Shown = append(v.Shown, *line)
				ids = append(ids, o.Entry)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	places, err := room.o.Ledger.Indexes(r.Context(), ids)
	if err != nil {
		return err
	}
	for i := range v.Shown {
		v.Shown[i].Entered = page.EnteredAt(places, ids[i])
	}
	return room.pages.objections.Render(w, r, v)
}

func (t objectionTotals) lines(r *page.Request) []stateLink {
	var all []stateLink
	for _, one := range []struct {
		key string
		n   int
	}{{"objections", t.Objections}, {"organisations", t.Organisations}, {"replied", t.Replied}, {"referred", t.Referred}, {"admitted", t.Admitted}, {"declined", t.Declined}, {"withdrawn", t.Withdrawn}, {"open", t.Open}} {
		all = append(all, stateLink{Text: r.Text("admission.objections." + one.key), N: one.n})
	}
	return all
}

// disclosedLine shows one objection to everybody; nil where it is nobody's business.
func (room *Room) disclosedLine(tx *store.Tx, r *page.Request, d *cycle.Dialogue, o Objection) (*disclosedLine, error) {
	shown := o.Disclose()
	if shown.Objector == "" && shown.Ground == "" {
		return nil, nil
	}
	a, err := room.o.Applications.Application(tx, o.Application)
	if err != nil {
		return nil, err
	}
	if a.Listing != application.Public || !a.Erased.IsZero() {
		return nil, nil
	}
	m, err := room.o.Applications.Admission(tx, o.Application, d.ID)
	if err != nil {
		return nil, err
	}
	l := &disclosedLine{Organisation: a.Name, Ground: lines(shown.Ground), Made: o.Made, State: stateName(room, r.Lang, m.State), History: "/applications/of/" + string(d.ID) + "/" + string(a.ID)}
	if shown.Objector != "" {
		l.Objector = room.objectorName(r.Lang, shown.Objector)
	}
	moves, err := room.o.Applications.Moves(tx, a.ID)
	if err != nil {
		return nil, err
	}
	for _, s := range moves {
		if s.Dialogue == d.ID && s.From == application.Referred && s.Answers[answerFor] != "" {
			l.Votes = r.Text("admission.votes", "For", s.Answers[answerFor], "Against", cmp.Or(s.Answers[answerAgainst], "0"), "Abstaining", cmp.Or(s.Answers[answerAbstaining], "0"))
		}
	}
	return l, nil
}
