package mechanism

import (
	"fmt"
	"io"
	"time"
	_ "time/tzdata" // so that a time zone is known wherever the program runs

	"rostrum.example/format/internal/place"
)

// Read reads a preset. Where the file is wrong, the error is Problems and
// lists all that is wrong; another error is one of in.
func Read(in io.Reader) (*Mechanism, error) {
	r, err := place.Open(in)
	if err != nil {
		return nil, fmt.Errorf("reading mechanism: %w", err)
	}
	m := (&reader{Reader: r}).mechanism(r.Root())
	if err := r.Err(); err != nil {
		return nil, err
	}
	return m, nil
}

// reader reads a preset. The lists of ids are filled before what refers to
// them is read.
type reader struct {
	*place.Reader
	instruments []string
	bodies      []string
	roles       []string
}

func (r *reader) mechanism(root *place.Node) *Mechanism {
	f := r.Object(root)
	if !r.Format(f, Format) {
		return nil
	}
	defer f.Close()
	m := &Mechanism{
		Format:    Format,
		ID:        r.ID(f.Must("id"), nil),
		Languages: r.ReadLanguages(f.Must("languages")),
		Sources:   r.ReadSources(f.Must("sources")),
	}
	m.Name = r.Text(f.Must("name"))
	m.ShortName = r.Text(f.Must("short_name"))
	m.TimeZone = r.timeZone(f.Must("time_zone"))
	m.LegalBasis = r.terms(f.May("legal_basis"), r.ID)
	m.Instruments = r.instrumentList(f.Must("instruments"))
	m.Bodies = r.terms(f.May("bodies"), r.Term)
	for _, b := range m.Bodies {
		r.bodies = append(r.bodies, b.ID)
	}
	m.WorkingGroups = r.workingGroups(f.Must("working_groups"))
	m.Roles = r.roleList(f.Must("roles"))
	m.Dialogue = r.dialogue(f.Must("dialogue"))
	m.Application = r.application(f.Must("application"))
	m.Review = r.review(f.Must("review"))
	m.Form = r.form(f.Must("form"))
	m.Naming = r.naming(f.Must("naming"))
	m.Needs = r.needs(f.Must("needs"))
	m.CountKinds = r.countKinds(f.Must("count_kinds"))
	m.CountSubjects = r.terms(r.Some(f.Must("count_subjects")), r.Term)
	m.StakeholderTypes = r.terms(r.Some(f.Must("stakeholder_types")), r.Term)
	return m
}

func (r *reader) timeZone(n *place.Node) string {
	name := r.String(n, place.MaxName)
	if name == "" {
		return ""
	}
	if _, err := time.LoadLocation(name); err != nil || name == "Local" {
		r.Report(n, place.BadTimeZone)
		return ""
	}
	return name
}

func (r *reader) ground(f *place.Fields) Ground {
	b := place.Word(r.Reader, f.Must("basis"), BasisRead, BasisProposal, BasisUnverified)
	return Ground{Basis: b, Sources: r.Cited(f, b == BasisRead)}
}

// idReader is r.ID for what stands in addresses, r.Term for vocabulary.
type idReader func(*place.Node, place.IDs) string

func (r *reader) term(f *place.Fields, id idReader, taken place.IDs) Term {
	return Term{
		ID:     id(f.Must("id"), taken),
		Name:   r.Text(f.Must("name")),
		Note:   r.Text(f.May("note")),
		Ground: r.ground(f),
	}
}

func (r *reader) terms(n *place.Node, id idReader) []Term {
	taken := place.IDs{}
	return place.List(r.Reader, n, func(n *place.Node) Term {
		f := r.Object(n)
		defer f.Close()
		return r.term(f, id, taken)
	})
}

// instrumentList reads instruments; a convention stands before its protocols.
func (r *reader) instrumentList(n *place.Node) []Instrument {
	taken := place.IDs{}
	return place.List(r.Reader, r.Some(n), func(n *place.Node) Instrument {
		f := r.Object(n)
		defer f.Close()
		i := Instrument{
			Term:   r.term(f, r.ID, taken),
			Parent: r.Ref(f.May("parent"), "instrument", r.instruments),
		}
		r.instruments = append(r.instruments, i.ID)
		return i
	})
}

func (r *reader) workingGroups(n *place.Node) []WorkingGroup {
	taken := place.IDs{}
	return place.List(r.Reader, r.Some(n), func(n *place.Node) WorkingGroup {
		f := r.Object(n)
		defer f.Close()
		return WorkingGroup{
			Term:       r.term(f, r.ID, taken),
			Instrument: r.Ref(f.May("instrument"), "instrument", r.instruments),
		}
	})
}

func (r *reader) roleList(n *place.Node) []Role {
	taken := place.IDs{}
	return place.List(r.Reader, r.Some(n), func(n *place.Node) Role {
		f := r.Object(n)
		defer f.Close()
		role := Role{
			Term: r.term(f, r.Term, taken),
			Body: r.Ref(f.May("body"), "body", r.bodies),
		}
		r.roles = append(r.roles, role.ID)
		return role
	})
}

func (r *reader) dialogue(n *place.Node) Dialogue {
	f := r.Object(n)
	defer f.Close()
	return Dialogue{
		When:      r.Text(f.Must("when")),
		Who:       r.Text(f.Must("who")),
		Output:    r.Text(f.Must("output")),
		Ground:    r.ground(f),
		Programme: r.terms(f.May("programme"), r.ID),
		States:    r.states(f.Must("states")),
	}
}

func (r *reader) application(n *place.Node) Application {
	f := r.Object(n)
	defer f.Close()
	return Application{
		DecidedBy: r.Ref(f.Must("decided_by"), "body", r.bodies),
		Rule:      r.Text(f.Must("rule")),
		Ground:    r.ground(f),
		States:    r.states(f.Must("states")),
	}
}

func (r *reader) review(n *place.Node) Review {
	f := r.Object(n)
	defer f.Close()
	return Review{
		Unit:         r.Text(f.Must("unit")),
		Reviewers:    r.Int(f.Must("reviewers"), 0, 20),
		CivilSociety: r.Text(f.Must("civil_society")),
		Publicity:    r.Text(f.Must("publicity")),
		Ground:       r.ground(f),
		States:       r.states(f.Must("states")),
	}
}

// states reads the states of one process. All ids are known before the first
// state is read, since a process may go back.
func (r *reader) states(n *place.Node) States {
	var ids []string
	if n != nil && n.Kind == place.Array {
		for _, c := range n.Children {
			for _, field := range c.Children {
				if field.Key() == "id" && field.Kind == place.String {
					ids = append(ids, field.Text)
				}
			}
		}
	}
	taken := place.IDs{}
	states := place.List(r.Reader, r.Some(n), func(n *place.Node) State {
		f := r.Object(n)
		defer f.Close()
		asked := place.IDs{}
		return State{
			Term:    r.term(f, r.Term, taken),
			MovedBy: r.refs(f.May("moved_by"), "role", r.roles),
			Next:    r.refs(f.May("next"), "state", ids),
			Due:     r.due(f.May("due"), ids),
			Asks: place.List(r.Reader, f.May("asks"), func(n *place.Node) Ask {
				f := r.Object(n)
				defer f.Close()
				return Ask{r.Term(f.Must("id"), asked), r.Text(f.Must("name")), r.Bool(f.Must("required"))}
			}),
		}
	})
	r.reachable(states, taken)
	return states
}

// reachable reports the states that cannot be reached from the first one.
func (r *reader) reachable(states States, at place.IDs) {
	next := map[string][]string{}
	for _, s := range states {
		next[s.ID] = s.Next
	}
	reached := map[string]bool{}
	var visit func(string)
	visit = func(id string) {
		if !reached[id] {
			reached[id] = true
			for _, n := range next[id] {
				visit(n)
			}
		}
	}
	for i, s := range states {
		if i == 0 {
			visit(s.ID)
		}
		if !reached[s.ID] && at[s.ID] != nil {
			r.Report(at[s.ID], place.UnreachableState)
		}
	}
}

func (r *reader) refs(n *place.Node, kind string, declared []string) []string {
	return place.List(r.Reader, n, func(n *place.Node) string { return r.Ref(n, kind, declared) })
}

func (r *reader) due(n *place.Node, states []string) *Due {
	if n == nil {
		return nil
	}
	f := r.Object(n)
	defer f.Close()
	d := &Due{From: r.Ref(f.Must("from"), "state", states)}
	after := f.Must("after")
	d.After = Period(r.String(after, place.MaxName))
	if d.After != "" && !d.After.valid() {
		r.Report(after, place.BadPeriod)
	}
	d.About = r.Bool(f.May("about"))
	return d
}

func (r *reader) naming(n *place.Node) Naming {
	f := r.Object(n)
	defer f.Close()
	return Naming{
		Countries:     r.rule(f.Must("countries")),
		Objectors:     r.rule(f.Must("objectors")),
		OverdueClocks: r.rule(f.Must("overdue_clocks")),
	}
}

func (r *reader) rule(n *place.Node) Rule {
	f := r.Object(n)
	defer f.Close()
	return Rule{
		Allowed: place.Word(r.Reader, f.Must("allowed"), Yes, No, Undecided),
		Text:    r.Text(f.Must("text")),
		Ground:  r.ground(f),
	}
}

func (r *reader) needs(n *place.Node) []Need {
	taken := place.IDs{}
	return place.List(r.Reader, r.Some(n), func(n *place.Node) Need {
		f := r.Object(n)
		defer f.Close()
		return Need{Term: r.term(f, r.Term, taken), Text: r.Text(f.Must("text"))}
	})
}

func (r *reader) countKinds(n *place.Node) []CountKind {
	taken := place.IDs{}
	return place.List(r.Reader, r.Some(n), func(n *place.Node) CountKind {
		f := r.Object(n)
		defer f.Close()
		return CountKind{
			Term: r.term(f, r.Term, taken),
			Unit: place.Word(r.Reader, f.Must("unit"), UnitOrganisations, UnitPersons, UnitGovernments,
				UnitStakeholders, UnitRegistrations, UnitInputs),
			Definition: r.Text(f.Must("definition")),
		}
	})
}
