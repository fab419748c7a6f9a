package opinion

// A Result is the map of a conversation. Its JSON is an object with the keys
// below; identifiers that are whole numbers appear as numbers.
type Result struct {
	Participants int `json:"participants"`  // who voted
	Statements   int `json:"statements"`    // that were voted on
	Votes        int `json:"votes"`         // the last of each participant on each statement
	Grouped      int `json:"grouped"`       // participants with enough votes to stand in a group
	ModeratedOut int `json:"moderated_out"` // statements with votes that were left out

	Groups    []Group   `json:"groups"` // largest first
	Consensus Consensus `json:"consensus"`
	// GroupAware are the statements that all groups agree, or disagree, on.
	GroupAware GroupAware `json:"group_aware"`

	// Stability is the mean adjusted Rand index of the groups over
	// resamples, 1 for groups that always come out the same, about 0 for
	// chance; nil when it was not asked for or there is nothing to compare.
	Stability  *float64    `json:"stability"`
	Resampling *Resampling `json:"resampling,omitempty"`

	// Silhouettes has the mean silhouette for each number of groups.
	Silhouettes []Silhouette `json:"silhouettes"`
	Steady      Steady       `json:"steady"`
	Axes        [2]Axis      `json:"axes"`

	StatementResults   []StatementResult   `json:"statement_results"`
	ParticipantResults []ParticipantResult `json:"participant_results,omitempty"`
	BaseClusters       []BaseCluster       `json:"base_clusters,omitempty"`
	Categories         []Category          `json:"categories,omitempty"`
	Bridges            *Bridges            `json:"bridges,omitempty"`

	// Publication is set on results that may be published.
	Publication *Publication `json:"publication,omitempty"`
	// Notes say in plain words what limits the map.
	Notes []Note `json:"notes,omitempty"`
}

// A Group is a group of participants who vote alike.
type Group struct {
	ID     int     `json:"id"`
	Size   int     `json:"size"`
	Centre Point   `json:"centre"`
	Extent Ellipse `json:"extent"`
	// Representative lists what sets the group apart, agreements first.
	Representative []Representative `json:"representative"`
	// Subgroups are the sizes of the groups within the group.
	Subgroups []int `json:"subgroups,omitempty"`
}

// An Ellipse is drawn about the centre of a group. Long and Short are the half
// axes of the ellipse of one standard deviation; Half times as large it
// encloses the inner half of the members, Most times as large nine tenths.
type Ellipse struct {
	Long  Point   `json:"long"`
	Short Point   `json:"short"`
	Half  float64 `json:"half"`
	Most  float64 `json:"most"`
}

// A Representative statement is agreed (or disagreed) with more in its group
// than in the others.
type Representative struct {
	Statement StatementID `json:"statement"`
	Side      Value       `json:"side"`
	Votes     int         `json:"votes"` // in the group, on that side
	Seen      int         `json:"seen"`  // in the group
	// Share is the share of the group on that side, with one vote of each
	// kind added; ShareTest its z statistic against one half.
	Share     float64 `json:"share"`
	ShareTest float64 `json:"share_test"`
	// Ratio is the share over that of all other groups; RatioTest the z
	// statistic of the two proportions.
	Ratio     float64 `json:"ratio"`
	RatioTest float64 `json:"ratio_test"`
	// BestAgree marks the statement that the group agrees with most.
	BestAgree bool `json:"best_agree,omitempty"`
}

// A Consensus lists the statements that the majority of all participants
// agrees or disagrees with, best first.
type Consensus struct {
	Agree    []StatementID `json:"agree"`
	Disagree []StatementID `json:"disagree"`
}

// GroupAware lists the statements with the highest group-aware consensus,
// best first.
type GroupAware struct {
	Agree    []StatementID `json:"agree"`
	Disagree []StatementID `json:"disagree"`
}

// An Axis of the map is a principal component; Share is the share of the
// variance that it shows.
type Axis struct {
	Share float64 `json:"share"`
}

// A Silhouette is the mean silhouette of the best division into K groups.
type Silhouette struct {
	K          int     `json:"k"`
	Silhouette float64 `json:"silhouette"`
}

// A StatementResult is one statement on the map.
type StatementResult struct {
	ID           StatementID `json:"id"`
	Text         string      `json:"text,omitempty"`
	Moderation   Moderation  `json:"moderation"`
	ModeratedOut bool        `json:"moderated_out,omitempty"`
	Meta         bool        `json:"meta,omitempty"`
	Counts
	Groups []GroupCounts `json:"groups,omitempty"` // in the order of Result.Groups
	// Suppressed says that the counts are withheld in publication.
	Suppressed bool `json:"suppressed,omitempty"`
	// Mean is the mean vote, Loading the loadings on the two axes.
	Mean    float64 `json:"mean"`
	Loading Point   `json:"loading"`
	// Place is where one agreeing vote alone would lay a participant,
	// Extremity its distance from the origin.
	Place     Point   `json:"place"`
	Extremity float64 `json:"extremity"`
	// GroupAgree and GroupDisagree are the group-aware consensus.
	GroupAgree    float64 `json:"group_agree"`
	GroupDisagree float64 `json:"group_disagree"`
	// Priority is the weight with which the statement is asked next.
	Priority float64 `json:"priority"`
}

// GroupCounts are the votes of a group on a statement and their tests.
type GroupCounts struct {
	Counts
	// Shares with one vote of each kind added, their z statistics, the
	// ratio to the other groups, and its z statistic.
	AgreeShare        float64 `json:"agree_share"`
	AgreeShareTest    float64 `json:"agree_share_test"`
	AgreeRatio        float64 `json:"agree_ratio"`
	AgreeRatioTest    float64 `json:"agree_ratio_test"`
	DisagreeShare     float64 `json:"disagree_share"`
	DisagreeShareTest float64 `json:"disagree_share_test"`
	DisagreeRatio     float64 `json:"disagree_ratio"`
	DisagreeRatioTest float64 `json:"disagree_ratio_test"`
}

// A ParticipantResult is one participant on the map. It is personal data.
type ParticipantResult struct {
	ID       ParticipantID `json:"id"`
	Place    Point         `json:"place"`
	Votes    int           `json:"votes"`
	Group    int           `json:"group"` // −1 for none
	Subgroup int           `json:"subgroup"`
	// Closeness is one minus the distance from the centre of the group;
	// Extremeness how far the participant stands from it in the direction
	// that leads away from the middle of all.
	Closeness   float64 `json:"closeness"`
	Extremeness float64 `json:"extremeness"`
	Category    string  `json:"category,omitempty"`
}

// A BaseCluster is a neighbourhood of participants on the map.
type BaseCluster struct {
	Place Point `json:"place"`
	Size  int   `json:"size"`
	Group int   `json:"group"`
}

// A Note is a limit of the map: a code for the program and a sentence.
type Note struct {
	Code string `json:"code"`
	Text string `json:"text"`
}
