package admission

import (
	"cmp"
	"slices"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/dialogue/application"
	"rostrum.example/internal/store"
)

// fact is what one application or participant adds to the counts.
type fact struct {
	// organisation is the key of the organisation; empty for who represents nobody.
	organisation string
	kind         Kind
	kindOf       string // the stakeholder type
	region       string
	// of an application
	applied, approved, registered bool
	// of participants: how many persons
	persons, inRoom, remote, spoke int
}

// Figure is a number with what it counts.
type Figure struct {
	// What is a count kind of the mechanism; Of a count subject, empty for all.
	What, Of string
	Number   int
}

// breakdown is a count kind by stakeholder type or by region.
type breakdown struct {
	What string
	// Cells are by the id of a type, or the code of a region; "" is for those whose type or region is not known.
	Cells map[string]int
}

// counts are the figures of a dialogue.
type counts struct {
	Figures          []Figure
	ByType, ByRegion []breakdown
	// Cross is registered organisations by type and region.
	Cross map[string]map[string]int
}

// The count kinds of the mechanism that the room counts itself.
const (
	orgsApplied        = "orgs_applied"
	orgsApproved       = "orgs_approved"
	orgsRegistered     = "orgs_registered"
	orgsAttended       = "orgs_attended"
	personsRegistered  = "persons_registered"
	personsAttended    = "persons_attended"
	personsInPerson    = "persons_attended_in_person"
	personsOnline      = "persons_attended_online"
	governmentsPresent = "governments_attended"
	igosPresent        = "igos_attended"
	speakers           = "speakers"
)

// tally counts facts. Organisations count once, however many persons they send or however often they stand there; persons
// who were in the room and online count once among those who attended, and in both places where places are told apart.
func tally(facts []fact) counts {
	c := counts{Cross: map[string]map[string]int{}}
	seen := map[string]map[string]bool{}
	figure := map[string]int{}
	types, places := map[string]map[string]int{}, map[string]map[string]int{}
	add := func(what string, f fact, n int) {
		if n == 0 {
			return
		}
		figure[what] += n
		for _, by := range []struct {
			cells map[string]map[string]int
			key   string
		}{{types, f.kindOf}, {places, f.region}} {
			if by.cells[what] == nil {
				by.cells[what] = map[string]int{}
			}
			by.cells[what][by.key] += n
		}
		if what == orgsRegistered {
			if c.Cross[f.kindOf] == nil {
				c.Cross[f.kindOf] = map[string]int{}
			}
			c.Cross[f.kindOf][f.region] += n
		}
	}
	once := func(what string, f fact, holds bool) {
		if !holds || f.organisation == "" || seen[what][f.organisation] {
			return
		}
		if seen[what] == nil {
			seen[what] = map[string]bool{}
		}
		seen[what][f.organisation] = true
		add(what, f, 1)
	}
	for _, f := range facts {
		came := f.inRoom + f.remote // whoever was in both places stands in inRoom and remote, see facts
		once(orgsApplied, f, f.applied)
		once(orgsApproved, f, f.approved)
		once(orgsRegistered, f, f.registered || f.kind == Stakeholder && f.persons > 0)
		once(orgsAttended, f, f.kind == Stakeholder && came > 0)
		once(governmentsPresent, f, f.kind == Government && came > 0)
		once(igosPresent, f, f.kind == IGO && came > 0)
		add(personsRegistered, f, f.persons)
		add(personsAttended, f, min(came, f.persons))
		add(personsInPerson, f, f.inRoom)
		add(personsOnline, f, f.remote)
		add(speakers, f, f.spoke)
	}
	for _, what := range []string{orgsApplied, orgsApproved, orgsRegistered, orgsAttended, governmentsPresent, igosPresent, personsRegistered, personsAttended, personsInPerson, personsOnline, speakers} {
		c.Figures = append(c.Figures, Figure{What: what, Number: figure[what]})
		if figure[what] > 0 && what != governmentsPresent && what != igosPresent {
			c.ByType = append(c.ByType, breakdown{what, types[what]})
			c.ByRegion = append(c.ByRegion, breakdown{what, places[what]})
		}
	}
	return c
}

// facts reads what there is to count.
func (room *Room) facts(tx *store.Tx, d dialogue.ID) ([]fact, error) {
	apps, err := room.o.Applications.OfDialogue(tx, d)
	if err != nil {
		return nil, err
	}
	admissions, err := room.o.Applications.AdmissionsTo(tx, d)
	if err != nil {
		return nil, err
	}
	state := map[application.ID]string{}
	for _, m := range admissions {
		state[m.Application] = m.State
	}
	var all []fact
	of := map[application.ID]fact{}
	for _, a := range apps {
		if a.Submitted.IsZero() || state[a.ID] == application.Draft {
			continue
		}
		region, _ := regionOf(a.Answers.One(application.FieldCountry))
		f := fact{organisation: cmp.Or(bodyKey(a.Name), string(a.ID)), kind: Stakeholder, kindOf: a.Answers.One(application.FieldType), region: region}
		of[a.ID] = f
		f.applied, f.approved = true, application.Past(state[a.ID])
		f.registered = f.approved && state[a.ID] != application.Admitted
		all = append(all, f)
	}
	participants, err := room.Participants(tx, d)
	if err != nil {
		return nil, err
	}
	spoke := map[ParticipantID]bool{}
	if room.o.Spoke != nil {
		if spoke, err = room.o.Spoke(tx, d); err != nil {
			return nil, err
		}
	}
	for _, p := range participants {
		if !p.Here() {
			continue
		}
		f, ok := of[p.Application]
		if !ok {
			region, _ := regionOf(p.Country)
			key := bodyKey(p.Body)
			if p.Kind == Government {
				key = cmp.Or(p.Country, key)
			}
			f = fact{organisation: cmp.Or(key, string(p.ID)), kind: p.Kind, kindOf: p.Type, region: region}
		}
		f.persons = p.Number
		switch p.Attended {
		case InRoom:
			f.inRoom = p.Number
		case Remote:
			f.remote = p.Number
		case Both:
			f.inRoom, f.remote = p.Number, p.Number
		}
		f.spoke = number(spoke[p.ID])
		all = append(all, f)
	}
	return all, nil
}

// leastShown is the smallest number that a breakdown shows in public.
const leastShown = 3

// suppress hides what would let a reader find an organisation that asked not to be listed: in a public breakdown no cell
// between 1 and leastShown-1 is shown, and where that leaves a single hidden cell in a row, the next smallest is hidden
// too, for it could be computed from the total. Totals are always shown. What is hidden is -1.
func suppress(cells map[string]int) map[string]int {
	out := make(map[string]int, len(cells))
	var shown []string
	hidden := 0
	for key, n := range cells {
		out[key] = n
		switch {
		case n > 0 && n < leastShown:
			out[key] = hiddenCell
			hidden++
		case n > 0:
			shown = append(shown, key)
		}
	}
	if hidden == 1 && len(shown) > 0 {
		slices.SortFunc(shown, func(a, b string) int { return cmp.Or(cmp.Compare(cells[a], cells[b]), cmp.Compare(a, b)) })
		out[shown[0]] = hiddenCell
	}
	return out
}

const hiddenCell = -1

// public leaves out of the counts what may not be shown to everybody. No table of type by region is public, and a total of
// persons is not broken down where the organisations behind it are fewer than leastShown.
func (c counts) public() counts {
	out := counts{Figures: c.Figures}
	for i := range c.ByType {
		out.ByType = append(out.ByType, breakdown{c.ByType[i].What, suppress(c.ByType[i].Cells)})
		out.ByRegion = append(out.ByRegion, breakdown{c.ByRegion[i].What, suppress(c.ByRegion[i].Cells)})
	}
	hide(out.ByType)
	hide(out.ByRegion)
	return out
}

// hide hides a cell of every count where it is hidden in the count of organisations of the same step: how many persons or
// speakers one organisation sent says as much as that it came.
func hide(all []breakdown) {
	behind := map[string]string{personsRegistered: orgsRegistered, personsAttended: orgsAttended, personsInPerson: orgsAttended, personsOnline: orgsAttended, speakers: orgsAttended}
	for _, b := range all {
		of, ok := behind[b.What]
		if !ok {
			continue
		}
		i := slices.IndexFunc(all, func(o breakdown) bool { return o.What == of })
		if i < 0 {
			continue
		}
		for key, n := range all[i].Cells {
			if n == hiddenCell && b.Cells[key] > 0 {
				b.Cells[key] = hiddenCell
			}
		}
	}
}
