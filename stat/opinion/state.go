package opinion

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
)

// The state of a conversation in JSON, in the order of identifiers, so that
// the same votes always give the same bytes.
type state struct {
	Format       string             `json:"format"`
	Statements   []stateStatement   `json:"statements"`
	Participants []stateParticipant `json:"participants"`
}

type stateStatement struct {
	ID         StatementID   `json:"id"`
	Text       string        `json:"text,omitempty"`
	Moderation Moderation    `json:"moderation"`
	Meta       bool          `json:"meta,omitempty"`
	Author     ParticipantID `json:"author,omitempty"`
	Time       int64         `json:"time,omitempty"`
}

type stateParticipant struct {
	ID       ParticipantID `json:"id"`
	Category string        `json:"category,omitempty"`
	// Votes holds place of the statement, value and time, by statement.
	Votes [][3]int64 `json:"votes"`
}

const stateFormat = "opinion-1"

// MarshalJSON writes the full state: statements, participants, votes and
// their times.
func (c *Conversation) MarshalJSON() ([]byte, error) {
	s := state{Format: stateFormat, Statements: []stateStatement{}, Participants: []stateParticipant{}}
	order := c.byStatement()
	rank := make([]int, len(order))
	for n, j := range order {
		rank[j] = n
		s.Statements = append(s.Statements, stateStatement(c.statements[j]))
	}
	for _, i := range c.byParticipant() {
		p := stateParticipant{ID: c.participants[i], Category: c.category[i]}
		for j, time := range c.rows[i].all() {
			v, _ := c.columns[j].vote(i)
			p.Votes = append(p.Votes, [3]int64{int64(rank[j]), int64(v), time})
		}
		slices.SortFunc(p.Votes, func(a, b [3]int64) int { return cmp.Compare(a[0], b[0]) })
		s.Participants = append(s.Participants, p)
	}
	return json.Marshal(s)
}

// UnmarshalJSON restores a state that MarshalJSON wrote.
func (c *Conversation) UnmarshalJSON(b []byte) error {
	var s state
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("restoring conversation: %w", err)
	}
	if s.Format != stateFormat {
		return fmt.Errorf("restoring conversation: the format is %q, not %q", s.Format, stateFormat)
	}
	var n Conversation
	for _, x := range s.Statements {
		if _, twice := n.statementIndex[x.ID]; twice {
			return fmt.Errorf("restoring conversation: statement %q stands twice", x.ID)
		}
		if err := n.Describe(Statement(x)); err != nil {
			return fmt.Errorf("restoring conversation: %w", err)
		}
	}
	for _, p := range s.Participants {
		if _, twice := n.participantIndex[p.ID]; twice || len(p.Votes) == 0 {
			return fmt.Errorf("restoring conversation: participant %q stands twice or has no votes", p.ID)
		}
		for _, v := range p.Votes {
			if v[0] < 0 || v[0] >= int64(len(n.statements)) || v[1] < -1 || v[1] > 1 {
				return fmt.Errorf("restoring conversation: participant %q has a vote %v that no statement or value fits", p.ID, v)
			}
			err := n.Add(Vote{p.ID, n.statements[v[0]].ID, Value(v[1]), v[2]})
			if err != nil {
				return fmt.Errorf("restoring conversation: %w", err)
			}
		}
		n.category[n.participantIndex[p.ID]] = p.Category
	}
	*c = n
	return nil
}
