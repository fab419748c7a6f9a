package linkage

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
)

// State is what a run has learned and compared so far. Saved and given back in
// Config.Saved, it resumes an interrupted run, or takes up records that were added
// since: only pairs with a new record are compared, and the result is the same to
// the bit as that of a run from the start with the same model (see Forget).
//
// A State holds no value of any record but the single words of text fields, which it
// needs to weigh them; treat it with the care of the lists.
type State struct {
	Version  int           `json:"version"`
	Fields   []fieldScheme `json:"fields"`
	Share    float64       `json:"share"`
	Spread   float64       `json:"spread"`
	Rules    [][]string    `json:"rules"` // features by name
	Coverage float64       `json:"coverage"`
	// Templates is the number of likely matches on which Coverage was counted.
	Templates int       `json:"templates"`
	RuleLogs  []float64 `json:"rule_shares"` // log2 of the match share as seen by each training rule
	Limit     int       `json:"block_limit"`
	ID        string    `json:"id,omitempty"`

	Records  []byte `json:"records"` // content hashes, 8 bytes each, ascending
	Done     int    `json:"done"`    // rules finished
	Pairs    []byte `json:"pairs"`   // first, second record (4 bytes each), pattern (8 bytes)
	Patterns []byte `json:"patterns"`
	Unique   uint64 `json:"unique"`
}

const stateVersion = 1

// fieldScheme is how one field is read and weighed.
type fieldScheme struct {
	Name    string            `json:"name"`
	Kind    Kind              `json:"kind"`
	Order   dateOrder         `json:"order,omitempty"`
	Pivot   int               `json:"pivot,omitempty"`
	Partner int               `json:"partner"`
	Leads   bool              `json:"leads,omitempty"`
	Records float64           `json:"records"`
	Words   map[string]uint32 `json:"words,omitempty"`
	M       [levels]float64   `json:"m"`
	U       [levels]float64   `json:"u"`
	Matches [levels]float64   `json:"matches"` // expected matches by level behind M
	Dull    bool              `json:"dull,omitempty"`
	Links   []dependence      `json:"links,omitempty"`
}

// Forget gives a state with the model and the plan alone: a run from it compares
// everything anew.
func (s *State) Forget() *State {
	out := *s
	out.Records, out.Pairs, out.Patterns, out.Done, out.Unique = nil, nil, nil, 0, 0
	return &out
}

// WriteTo writes the state as JSON.
func (s *State) WriteTo(w io.Writer) (int64, error) {
	data, err := json.Marshal(s)
	if err != nil {
		return 0, fmt.Errorf("writing linkage state: %w", err)
	}
	n, err := w.Write(append(data, '\n'))
	if err != nil {
		return int64(n), fmt.Errorf("writing linkage state: %w", err)
	}
	return int64(n), nil
}

// ReadState reads what WriteTo wrote and checks that it is whole.
func ReadState(r io.Reader) (*State, error) {
	var s State
	if err := json.NewDecoder(r).Decode(&s); err != nil {
		return nil, fmt.Errorf("reading linkage state: %w", err)
	}
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("reading linkage state: %w", err)
	}
	return &s, nil
}

func (s *State) check() error {
	if s.Version != stateVersion {
		return fmt.Errorf("version %d is not known, only %d: start without the saved state", s.Version, stateVersion)
	}
	if len(s.Fields) == 0 || len(s.Fields) > maxFields || len(s.Rules) > maxRules {
		return fmt.Errorf("%d fields and %d rules are out of bounds", len(s.Fields), len(s.Rules))
	}
	if !(s.Share > 0 && s.Share < 1) || !(s.Spread >= 0) || s.Limit < 2 {
		return fmt.Errorf("match share %g, spread %g or block limit %d is out of bounds", s.Share, s.Spread, s.Limit)
	}
	for i, f := range s.Fields {
		if f.Kind < Name || f.Kind > Place {
			return fmt.Errorf("field %q has no known type", f.Name)
		}
		if f.Leads && (f.Partner < 0 || f.Partner >= len(s.Fields) || f.Partner == i || s.Fields[f.Partner].Leads || s.Fields[f.Partner].Partner != i) {
			return fmt.Errorf("field %q has no partner", f.Name)
		}
		if !(f.Records >= 0) {
			return fmt.Errorf("field %q has a negative size", f.Name)
		}
		for _, d := range f.Links {
			if d.On < 0 || d.On >= i || !(d.Same >= 0 && d.Same <= 1 && d.Moved >= 0 && d.Moved <= 1) {
				return fmt.Errorf("field %q has a dependence out of bounds", f.Name)
			}
		}
		for l := range levels {
			if !(f.M[l] >= 0 && f.M[l] <= 1 && f.U[l] >= 0 && f.U[l] <= 1) || (f.M[l] == 0) != (f.U[l] == 0) || !(f.Matches[l] >= 0) || math.IsInf(f.Matches[l], 1) {
				return fmt.Errorf("field %q has chances out of bounds", f.Name)
			}
		}
	}
	n := len(s.Records) / 8
	if len(s.Records)%8 != 0 || len(s.Pairs)%16 != 0 || len(s.Patterns)%16 != 0 || s.Done < 0 || s.Done > len(s.Rules) {
		return fmt.Errorf("the record of comparisons is cut short: start without the saved state")
	}
	last := uint64(0)
	for i := range n {
		h := binary.LittleEndian.Uint64(s.Records[8*i:])
		if h < last {
			return fmt.Errorf("records are out of order: start without the saved state")
		}
		last = h
	}
	for i := 0; i < len(s.Pairs); i += 16 {
		a, b := binary.LittleEndian.Uint32(s.Pairs[i:]), binary.LittleEndian.Uint32(s.Pairs[i+4:])
		if a >= b || int(b) >= n {
			return fmt.Errorf("a pair names a record that is not there: start without the saved state")
		}
	}
	return nil
}

// newState writes down a learned model and plan.
func newState(fr *frame, t *trainer, p *plan) *State {
	md := t.model
	s := &State{Version: stateVersion, Share: md.share, Spread: md.spread, Coverage: p.coverage, Templates: p.templates, Limit: t.limit}
	for i, f := range fr.fields {
		x := fieldScheme{Name: f.name, Kind: f.kind, Order: f.order, Pivot: f.pivot, Partner: f.partner, Leads: f.leads, Records: f.scale, M: md.m[i], U: md.u[i], Matches: md.matches[i], Dull: md.dull[i], Links: md.links[i]}
		if f.kind == Text {
			x.Words = make(map[string]uint32, len(f.word))
			for w, text := range f.word {
				x.Words[text] = f.seen[w]
			}
		}
		s.Fields = append(s.Fields, x)
	}
	for _, r := range p.rules {
		var names []string
		for _, x := range r.features {
			names = append(names, fr.features[x].name)
		}
		s.Rules = append(s.Rules, names)
	}
	s.RuleLogs = t.ruleShares()
	return s
}

// restore gives the model and the plan of a state for a frame of its fields.
func (s *State) restore(fr *frame) (*model, *plan, error) {
	md := &model{share: s.Share, spread: s.Spread}
	for i, f := range s.Fields {
		md.m = append(md.m, f.M)
		md.u = append(md.u, f.U)
		md.matches = append(md.matches, f.Matches)
		md.dull = append(md.dull, f.Dull)
		md.links = append(md.links, f.Links)
		md.kinds = append(md.kinds, f.Kind)
		for _, l := range fr.fields[i].levelsOf() {
			if f.M[l] == 0 {
				return nil, nil, fmt.Errorf("restoring linkage state: field %q lacks a chance", f.Name)
			}
		}
	}
	p := &plan{coverage: s.Coverage}
	for _, names := range s.Rules {
		var r rule
		for _, name := range names {
			x := slices.IndexFunc(fr.features, func(f featureOf) bool { return f.name == name })
			if x < 0 {
				return nil, nil, fmt.Errorf("restoring linkage state: no feature %q", name)
			}
			r.features = append(r.features, x)
		}
		if len(r.features) == 0 {
			return nil, nil, fmt.Errorf("restoring linkage state: a rule without features")
		}
		p.rules = append(p.rules, r)
	}
	return md, p, nil
}

// record writes down the comparisons of the rules finished so far.
func (s *State) record(sc *scorer, done int) {
	s.Done = done
	s.Records = make([]byte, 0, 8*sc.fr.len())
	for _, h := range sc.fr.content {
		s.Records = binary.LittleEndian.AppendUint64(s.Records, h)
	}
	s.Pairs = make([]byte, 0, 16*len(sc.kept))
	for _, p := range sc.kept {
		s.Pairs = binary.LittleEndian.AppendUint32(s.Pairs, p.a)
		s.Pairs = binary.LittleEndian.AppendUint32(s.Pairs, p.b)
		s.Pairs = binary.LittleEndian.AppendUint64(s.Pairs, uint64(p.pattern))
	}
	s.Patterns = s.Patterns[:0]
	for _, t := range sc.sorted() {
		s.Patterns = binary.LittleEndian.AppendUint64(s.Patterns, uint64(t.pattern))
		s.Patterns = binary.LittleEndian.AppendUint64(s.Patterns, uint64(t.count))
	}
}

// resume takes over the comparisons of a state. It gives the rule to go on with
// and marks the records that the state knows.
func (s *State) resume(sc *scorer) (from int, old []bool, err error) {
	n := len(s.Records) / 8
	if n == 0 {
		return 0, nil, nil
	}
	fr := sc.fr
	grown := n != fr.len()
	if grown && s.Done < len(s.Rules) {
		// The interrupted run knew other records: its comparisons are of no use.
		return 0, nil, nil
	}
	at := make([]uint32, n)
	old = make([]bool, fr.len())
	next := 0
	for i := range n {
		h := binary.LittleEndian.Uint64(s.Records[8*i:])
		for next < fr.len() && fr.content[next] < h {
			next++
		}
		if next == fr.len() || fr.content[next] != h {
			return 0, nil, fmt.Errorf("resuming linkage: the saved state knows a record that the lists do not have; start without it")
		}
		at[i], old[next] = uint32(next), true
		next++
	}
	for i := 0; i < len(s.Pairs); i += 16 {
		p := pair{a: at[binary.LittleEndian.Uint32(s.Pairs[i:])], b: at[binary.LittleEndian.Uint32(s.Pairs[i+4:])], pattern: pattern(binary.LittleEndian.Uint64(s.Pairs[i+8:]))}
		for f := range fr.width {
			if l := p.pattern.level(f); l != missing && sc.model.m[f][l] == 0 {
				return 0, nil, fmt.Errorf("resuming linkage: the saved state holds an outcome that its fields do not have; start without it")
			}
		}
		sc.kept = append(sc.kept, p)
	}
	for i := 0; i < len(s.Patterns); i += 16 {
		c := int64(binary.LittleEndian.Uint64(s.Patterns[i+8:]))
		if c < 0 {
			return 0, nil, fmt.Errorf("resuming linkage: the saved state counts below zero; start without it")
		}
		sc.tallies[pattern(binary.LittleEndian.Uint64(s.Patterns[i:]))] += c
		sc.compared += c
	}
	if !grown {
		return s.Done, nil, nil
	}
	return 0, old, nil
}
