package opinion

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"testing"
)

var folders = []string{"polis-bg2050", "polis-biodiversity"}

type expectation struct {
	Votes        int           `json:"votes_unique_last_wins"`
	Participants int           `json:"participants"`
	Statements   int           `json:"statements_with_votes"`
	ModeratedOut int           `json:"statements_moderated_out"`
	Enough       int           `json:"participants_ge7_votes"`
	K            int           `json:"published_k"`
	Agree        []StatementID `json:"consensus_agree"`
	Disagree     []StatementID `json:"consensus_disagree"`
	WithGroups   struct {
		Aware   [][2]json.Number    `json:"gac_top5"`
		Repness map[string][][3]any `json:"repness"`
	} `json:"with_published_groups"`
	Peer struct {
		Share [2]float64 `json:"explained_variance_ratio"`
	} `json:"red_dwarf_0_4_0"`
}

func expected(t testing.TB, folder string) (e expectation) {
	t.Helper()
	if err := json.Unmarshal(shared(t, folder, "expected.json"), &e); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestPublishedConversation(t *testing.T) {
	for _, folder := range folders {
		t.Run(folder, func(t *testing.T) {
			c, e, s := published(t, folder), expected(t, folder), publishedSheet(t, folder)
			cells := 0
			for id, votes := range s.votes {
				for statement, want := range votes {
					cells++
					if got, ok := c.Vote(id, statement); !ok || got != want {
						t.Errorf("vote of %s on %s = %v, %v; published %v", id, statement, got, ok, want)
					}
				}
			}
			r := mustMap(t, c, Options{})
			if r.Participants != e.Participants || r.Statements != e.Statements || r.Votes != e.Votes || r.Votes != cells || r.Grouped != e.Enough {
				t.Errorf("participants %d, statements %d, votes %d, grouped %d; expected %+v and %d cells", r.Participants, r.Statements, r.Votes, r.Grouped, e, cells)
			}
			if !slices.Equal(r.Consensus.Agree, e.Agree) || !slices.Equal(r.Consensus.Disagree, e.Disagree) {
				t.Errorf("consensus %v; published agree %v, disagree %v", r.Consensus, e.Agree, e.Disagree)
			}
			if len(r.Groups) != e.K {
				t.Errorf("%d groups; published %d (silhouettes %v)", len(r.Groups), e.K, r.Silhouettes)
			}
			var ours, theirs []int
			for _, p := range r.ParticipantResults {
				ours, theirs = append(ours, p.Group), append(theirs, s.groups[p.ID])
			}
			ari := randIndex(ours, theirs)
			t.Logf("adjusted Rand index %.4f, sizes %d and %d, silhouettes %v", ari, r.Groups[0].Size, r.Groups[1].Size, r.Silhouettes)
			if ari < 0.98 {
				t.Errorf("adjusted Rand index against the published groups is %.4f, below 0.98", ari)
			}
			if e.Peer.Share[0] == 0 && folder == folders[0] {
				t.Error("no explained variance to compare with")
			}
			for k, want := range e.Peer.Share {
				if want != 0 && math.Abs(r.Axes[k].Share-want) > 5e-5 {
					t.Errorf("axis %d explains %.5f of the variance; red-dwarf %.4f", k, r.Axes[k].Share, want)
				}
			}
		})
	}
}

// With the groups as published, everything that follows from groups must be
// as published.
func TestPublishedGroups(t *testing.T) {
	for _, folder := range folders {
		t.Run(folder, func(t *testing.T) {
			c, e, s := published(t, folder), expected(t, folder), publishedSheet(t, folder)
			r := mustMap(t, c, Options{})
			statements := withGroups(t, c, r, s.groups, e.K)
			aware := groupAware(statements)
			for i, want := range e.WithGroups.Aware {
				id := StatementID(want[0])
				if len(aware.Agree) <= i || aware.Agree[i] != id {
					t.Fatalf("group-aware consensus %v; published %v", aware.Agree, e.WithGroups.Aware)
				}
				score, _ := want[1].Float64()
				for _, x := range statements {
					if x.ID == id && math.Abs(x.GroupAgree-score) > 5e-5 {
						t.Errorf("group-aware consensus of %s = %v, published %v", id, x.GroupAgree, score)
					}
				}
			}
			for name, want := range e.WithGroups.Repness {
				g, err := strconv.Atoi(name)
				if err != nil {
					t.Fatal(err)
				}
				got := representative(statements, g)
				if len(got) != len(want) {
					t.Fatalf("group %d: %d representative statements, published %d", g, len(got), len(want))
				}
				for i, w := range want {
					if string(got[i].Statement) != strconv.Itoa(int(w[0].(float64))) || got[i].Side.String() != w[1] || math.Abs(got[i].Ratio-w[2].(float64)) > 5e-4 {
						t.Errorf("group %d: representative statement %d is %+v, published %v", g, i, got[i], w)
					}
				}
			}
			exported := exportedConsensus(t, folder)
			for _, x := range statements {
				if want, ok := exported[x.ID]; ok && math.Abs(x.GroupAgree-want) > 1e-12 {
					t.Errorf("group-aware consensus of %s = %.17g, exported %.17g", x.ID, x.GroupAgree, want)
				}
			}
			if folder == "polis-bg2050" && len(exported) != 371 {
				t.Errorf("%d statements with an exported group-aware consensus, not 371", len(exported))
			}
		})
	}
}

// withGroups gives the statements of r with the votes of the groups given.
func withGroups(t testing.TB, c *Conversation, r *Result, groups map[ParticipantID]int, k int) []StatementResult {
	t.Helper()
	masks := make([]mask, k)
	for g := range masks {
		masks[g] = newMask(len(c.participants))
	}
	for id, g := range groups {
		if g >= 0 {
			masks[g].add(c.participantIndex[id])
		}
	}
	statements := slices.Clone(r.StatementResults)
	for i := range statements {
		var counts []Counts
		for _, m := range masks {
			counts = append(counts, c.columns[c.statementIndex[statements[i].ID]].countsIn(m))
		}
		statements[i].Groups = compareGroups(counts)
	}
	groupAware(statements)
	return statements
}

func exportedConsensus(t testing.TB, folder string) map[StatementID]float64 {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(shared(t, folder, "comments.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	id, at := slices.Index(rows[0], "comment-id"), slices.Index(rows[0], "group-informed-consensus")
	out := map[StatementID]float64{}
	if at < 0 {
		return out
	}
	for _, row := range rows[1:] {
		if out[StatementID(row[id])], err = strconv.ParseFloat(row[at], 64); err != nil {
			t.Fatal(err)
		}
	}
	return out
}
