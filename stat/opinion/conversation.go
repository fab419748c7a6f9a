package opinion

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"unicode/utf8"
)

// MaxParticipants and MaxStatements bound a conversation. Within them every
// count fits its integer.
const (
	MaxParticipants = 1 << 20
	MaxStatements   = 1 << 15
)

// A Conversation holds the votes and statements of one conversation, from
// which Map computes a map. The zero value is an empty conversation. Its
// JSON is its full state.
//
// A conversation keeps, next to the votes, how every two statements were
// voted on together. Adding a vote corrects these whole numbers in place, so
// a live conversation is mapped again without counting again, and the map is
// the same to the last bit as one made from all votes at once.
//
// A Conversation must not be used by several goroutines at the same time.
type Conversation struct {
	participants     []ParticipantID // in order of arrival: bit positions
	participantIndex map[ParticipantID]int
	category         []string
	rows             []row

	statements     []Statement // in order of arrival
	statementIndex map[StatementID]int
	columns        []column

	// together[j][k], k ≤ j, compares statements j and k; nil until it is
	// needed more than once.
	together [][]pair
	mapped   bool
}

// Participants is the number of participants who voted.
func (c *Conversation) Participants() int { return len(c.participants) }

// Statements is the number of statements, voted on or not.
func (c *Conversation) Statements() int { return len(c.statements) }

// Add records votes. For each participant and statement the latest vote
// stands; of votes with the same time, the one added last. A vote that
// cannot be recorded is refused with an error and those before it stand.
func (c *Conversation) Add(votes ...Vote) error {
	for _, v := range votes {
		if v.Value < Disagree || v.Value > Agree {
			return fmt.Errorf("adding vote of participant %q on statement %q: the value is %d; use 1 for agree, -1 for disagree, 0 for pass", v.Participant, v.Statement, v.Value)
		}
		if err := validID(string(v.Participant)); err != nil {
			return fmt.Errorf("adding vote: participant %w", err)
		}
		if err := validID(string(v.Statement)); err != nil {
			return fmt.Errorf("adding vote: statement %w", err)
		}
		p, ok := c.participantIndex[v.Participant]
		if !ok {
			if len(c.participants) == MaxParticipants {
				return fmt.Errorf("adding vote of participant %q: a conversation holds at most %d participants", v.Participant, MaxParticipants)
			}
			p = c.addParticipant(v.Participant)
		}
		s, ok := c.statementIndex[v.Statement]
		if !ok {
			if len(c.statements) == MaxStatements {
				return fmt.Errorf("adding vote on statement %q: a conversation holds at most %d statements", v.Statement, MaxStatements)
			}
			s = c.addStatement(Statement{ID: v.Statement, Moderation: Accepted})
		}
		c.record(p, s, v.Value, v.Time)
	}
	return nil
}

// maxID is the length of an identifier in bytes.
const maxID = 256

func validID(id string) error {
	switch {
	case id == "":
		return fmt.Errorf("identifier is empty")
	case len(id) > maxID:
		return fmt.Errorf("identifier %.20q… is longer than %d bytes", id, maxID)
	case !utf8.ValidString(id):
		return fmt.Errorf("identifier %q is not UTF-8", id)
	}
	for _, r := range id {
		if r < ' ' || r == 0x7f {
			return fmt.Errorf("identifier %q has control characters", id)
		}
	}
	return nil
}

func (c *Conversation) addParticipant(id ParticipantID) int {
	if c.participantIndex == nil {
		c.participantIndex = make(map[ParticipantID]int)
	}
	i := len(c.participants)
	c.participants = append(c.participants, id)
	c.category = append(c.category, "")
	c.rows = append(c.rows, row{})
	c.participantIndex[id] = i
	return i
}

func (c *Conversation) addStatement(s Statement) int {
	if c.statementIndex == nil {
		c.statementIndex = make(map[StatementID]int)
	}
	j := len(c.statements)
	c.statements = append(c.statements, s)
	c.columns = append(c.columns, nil)
	c.statementIndex[s.ID] = j
	if c.together != nil {
		c.together = append(c.together, make([]pair, j+1))
	}
	return j
}

// record sets the vote of participant i on statement j unless a later one
// stands.
func (c *Conversation) record(i, j int, v Value, time int64) {
	r := &c.rows[i]
	old, seen := c.columns[j].vote(i)
	if !seen {
		r.add(j, time)
	} else if !r.renew(j, time) {
		return
	}
	if c.together != nil && (!seen || old != v) {
		c.correct(i, j, seen, int32(old), int32(v))
	}
	c.columns[j].set(i, v)
}

// correct brings the comparisons of statement j up to date with a vote of
// participant i that is about to change.
func (c *Conversation) correct(i, j int, seen bool, old, v int32) {
	for k := range c.rows[i].all() {
		other, first := v, old
		if k != j {
			w, _ := c.columns[k].vote(i)
			other, first = int32(w), int32(w)
		}
		p := &c.together[max(j, k)][min(j, k)]
		mine, others := &p.left, &p.right
		if k > j {
			mine, others = others, mine
		}
		if seen {
			p.product += v*other - old*first
			*mine += v - old
			*others += other - first
		} else {
			p.both++
			p.product += v * other
			*mine += v
			*others += other
		}
	}
}

// Describe adds statements, or replaces what is known of them: text,
// moderation and so on. Votes stay.
func (c *Conversation) Describe(statements ...Statement) error {
	for _, s := range statements {
		if err := validID(string(s.ID)); err != nil {
			return fmt.Errorf("describing statement: %w", err)
		}
		if s.Moderation < Rejected || s.Moderation > Accepted {
			return fmt.Errorf("describing statement %q: moderation is %d; use 1 for accepted, 0 for pending, -1 for rejected", s.ID, s.Moderation)
		}
		if !utf8.ValidString(s.Text) {
			return fmt.Errorf("describing statement %q: the text is not UTF-8", s.ID)
		}
		if j, ok := c.statementIndex[s.ID]; ok {
			c.statements[j] = s
			continue
		}
		if len(c.statements) == MaxStatements {
			return fmt.Errorf("describing statement %q: a conversation holds at most %d statements", s.ID, MaxStatements)
		}
		c.addStatement(s)
	}
	return nil
}

// Categorise notes the category of participants, such as State, NGO, academia
// or private sector. Those who never voted are passed over and returned. An
// empty category removes one.
func (c *Conversation) Categorise(category map[ParticipantID]string) (unknown []ParticipantID) {
	for id, name := range category {
		if i, ok := c.participantIndex[id]; ok {
			c.category[i] = name
		} else {
			unknown = append(unknown, id)
		}
	}
	slices.SortFunc(unknown, compareIDs)
	return unknown
}

// Vote returns the vote of a participant on a statement and whether there is
// one.
func (c *Conversation) Vote(p ParticipantID, s StatementID) (Value, bool) {
	i, known := c.participantIndex[p]
	j, asked := c.statementIndex[s]
	if !known || !asked {
		return Pass, false
	}
	return c.columns[j].vote(i)
}

// Next draws the statement that a participant should be asked next, with a
// probability that grows with its priority, among those accepted in r that
// the participant has not seen; r must be a map of this conversation, u is a
// number between 0 and 1 that the caller draws. It reports false when
// nothing is left to ask.
func (c *Conversation) Next(r *Result, p ParticipantID, u float64) (StatementID, bool) {
	i, known := c.participantIndex[p]
	unseen := func(s *StatementResult) bool {
		if s.ModeratedOut || s.Moderation != Accepted {
			return false
		}
		if !known {
			return true
		}
		j, ok := c.statementIndex[s.ID]
		if !ok {
			return false
		}
		_, seen := c.columns[j].vote(i)
		return !seen
	}
	total := 0.0
	for k := range r.StatementResults {
		if s := &r.StatementResults[k]; unseen(s) {
			total += s.Priority
		}
	}
	var last StatementID
	rest, found := u*total, false
	for k := range r.StatementResults {
		if s := &r.StatementResults[k]; unseen(s) {
			last, found = s.ID, true
			if rest -= s.Priority; rest < 0 {
				break
			}
		}
	}
	return last, found
}

// byParticipant gives bit positions in the order of identifiers.
func (c *Conversation) byParticipant() []int {
	return orderBy(c.participants, compareIDs[ParticipantID])
}

// byStatement gives statements in the order of identifiers.
func (c *Conversation) byStatement() []int {
	return orderBy(c.statements, func(a, b Statement) int { return compareIDs(a.ID, b.ID) })
}

func orderBy[T any](items []T, compare func(a, b T) int) []int {
	order := make([]int, len(items))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(compare(items[a], items[b]), cmp.Compare(a, b))
	})
	return order
}

// matrix gives the vote matrix in the order of identifiers, with the place of
// each of its columns among the statements.
func (c *Conversation) matrix(ctx context.Context, o Options) (matrix, []int, error) {
	m := matrix{precise: exact}
	var place []int
	for _, j := range c.byStatement() {
		n := c.columns[j].counts()
		if n.Seen == 0 {
			continue
		}
		place = append(place, j)
		m.columns = append(m.columns, c.columns[j])
		m.counts = append(m.counts, n)
		m.zeroed = append(m.zeroed, c.statements[j].out(o.Strict))
		m.words = max(m.words, len(c.columns[j]))
	}
	m.people = c.byParticipant()
	m.cast = make([]int, len(m.people))
	for i, b := range m.people {
		m.cast[i] = c.rows[b].count
	}
	if !m.dense() {
		c.together = nil
		return m, place, nil
	}
	if c.together == nil && !c.mapped && o.Resamples == 0 {
		m.compare = func(a, b int) pair { return comparePair(m.columns[a], m.columns[b]) }
		c.mapped = true
		return m, place, nil
	}
	if c.together == nil {
		together := make([][]pair, len(c.columns))
		for j := range together {
			together[j] = make([]pair, j+1)
		}
		err := eachTile(ctx, len(c.columns), o.workers(), func(a, b int) {
			together[a][b] = comparePair(c.columns[a], c.columns[b])
		})
		if err != nil {
			return m, nil, fmt.Errorf("comparing statements: %w", err)
		}
		c.together = together
	}
	m.compare = func(a, b int) pair {
		j, k := place[a], place[b]
		if j >= k {
			return c.together[j][k]
		}
		p := c.together[k][j]
		p.left, p.right = p.right, p.left
		return p
	}
	return m, place, nil
}

// out reports whether the statement is left out of the map.
func (s Statement) out(strict bool) bool {
	return s.Moderation == Rejected || strict && s.Moderation == Pending
}
