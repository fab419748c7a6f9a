// Package opinion maps the opinions of a conversation: who votes alike, what
// divides, what joins.
//
// Participants vote agree, disagree or pass on short statements, which any of
// them may add. From the votes the package computes two axes, places of
// participants and statements, groups of opinion, the statements that set
// each group apart, the statements that the majority or every group agrees
// on, and which statement to ask next. It follows the method of Polis (Small,
// Bjorkegren, Erkkilä, Shaw and Megill, "Polis: Scaling deliberation by
// mapping high dimensional opinion spaces", Recerca 26(2), 2021), read from
// its formulas, and reproduces the published consensus lists and group-aware
// consensus exactly.
//
// # Method
//
//  1. Of several votes of one participant on one statement the last stands,
//     by time, then by order of arrival.
//  2. Statements that moderation left out count as zero for everybody in the
//     axes, and appear in no list.
//  3. Whoever cast seven votes (or voted on all statements, where there are
//     fewer) stands in a group; with fewer than fifteen such participants the
//     most active are taken in.
//  4. Unseen votes are replaced by the mean of their statement; the axes are
//     the two leading principal components, found to working precision. The
//     loading of largest size on each axis is positive.
//  5. Participants are laid on the axes by the votes they cast, scaled up by
//     the square root of statements over votes cast.
//  6. Participants are gathered into at most a hundred base clusters, and
//     these, weighted, into groups by k-means from several fixed starts. The
//     mean silhouette of the base clusters chooses the number of groups, up
//     to ten.
//  7. Votes of a group are tested against one half and against the votes of
//     the other groups, one-sided at 90 %, with one success added.
//
// # What differs from the original
//
// In Polis the groups depend on the history of the conversation: every
// computation starts from the one before. Here a map depends on the votes
// alone. Neither the order of rows, nor that of participants, nor their
// names, nor the number of processors changes a bit of it; beyond some
// thousand statements, where pairs of statements are too many, names change
// the order of summation and with it the last digits. Base clusters start
// from points that cover the map evenly instead of from the first hundred
// participants; groups start from the middle of many people, so that a single
// person at the rim does not become a group; more than five groups are found
// where there are; small groups are not merged (Publish does that). Whether
// the number of groups waits for four wins in a row is the caller's choice
// (Options.Steady), and so is who stays in a group with too few votes
// (Options.Keep). The stability of the groups is measured by leaving one
// participant in five out at random.
//
// Beyond the original, participants may have categories, such as States,
// NGOs, academia and the private sector; each category is mapped on its own,
// and the statements that join and that divide the categories are listed.
//
// # Exactness and speed
//
// Every two statements are compared by counting bits, in whole numbers, and
// each entry of the matrix whose eigenvectors are the axes is one fraction of
// whole numbers. Whole numbers do not depend on the order of addition, can be
// corrected when a vote arrives, and can be subtracted when participants are
// left out; that makes the map reproducible, a live conversation quick, and
// resamples cheap.
//
// # Privacy
//
// A Result holds the place and group of every participant and is personal
// data. Publish makes a copy that stands for no fewer than eleven people
// anywhere.
package opinion
