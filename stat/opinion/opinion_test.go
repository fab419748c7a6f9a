package opinion

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// shared is where the published conversations lie, when they are present.
func shared(t testing.TB, folder, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", folder, name))
	if err != nil {
		t.Skipf("the published conversation is not here: %v", err)
	}
	return b
}

// published reads a published conversation.
func published(t testing.TB, folder string) *Conversation {
	t.Helper()
	c, err := ReadVotes("votes.csv", bytes.NewReader(shared(t, folder, "votes.csv")))
	if err != nil {
		t.Fatal(err)
	}
	s, err := ReadComments("comments.csv", bytes.NewReader(shared(t, folder, "comments.csv")))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Describe(s...); err != nil {
		t.Fatal(err)
	}
	return c
}

// A sheet is a published table of participants: their groups and votes.
type sheet struct {
	groups map[ParticipantID]int // −1 for none
	votes  map[ParticipantID]map[StatementID]Value
}

func publishedSheet(t testing.TB, folder string) sheet {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(shared(t, folder, "participants-votes.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	s := sheet{map[ParticipantID]int{}, map[ParticipantID]map[StatementID]Value{}}
	for _, row := range rows[1:] {
		id := ParticipantID(row[0])
		s.groups[id] = -1
		s.votes[id] = map[StatementID]Value{}
		for i, cell := range row {
			if rows[0][i] == "group-id" && cell != "" {
				if s.groups[id], err = strconv.Atoi(cell); err != nil {
					t.Fatal(err)
				}
			}
			if decimal(rows[0][i]) && cell != "" {
				v, ok := parseValue([]byte(cell))
				if !ok {
					t.Fatalf("participant %s: vote %q", id, cell)
				}
				s.votes[id][StatementID(rows[0][i])] = v
			}
		}
	}
	return s
}

func mustMap(t testing.TB, c *Conversation, o Options) *Result {
	t.Helper()
	r, err := c.Map(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func asJSON(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
