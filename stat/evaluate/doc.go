// Package evaluate asks what a change did to an outcome, with the designs that
// need no experiment, and reports the answer with everything that stands
// against it.
//
// A [Frame] is a table; [Read] reads one from CSV. A [Formula] says what is
// explained by what. [Evaluate] runs one design and gives a [Report], which
// renders as text ([Report.WriteText]), JSON ([Report.WriteJSON]), HTML
// ([Report.HTML]) and pictures ([Report.Pictures]), each with a table of the
// same values.
//
// # Designs
//
// [Series]: an interrupted time series, by least squares with Newey-West
// standard errors, by a log-linear model of counts with quasi-Poisson or
// Newey-West standard errors, and by regressions with autoregressive errors of
// any order (Prais-Winsten, exact maximum likelihood, restricted maximum
// likelihood). Below 12 periods only least squares is used.
//
// [Groups]: difference-in-differences by group and time (Callaway & Sant'Anna
// 2021), against units never or not yet treated, by outcome regression, inverse
// probability weighting or both (Sant'Anna & Zhao 2020), with averages over
// everything, time since treatment, groups and periods, simultaneous bands by
// the multiplier bootstrap, and tests of trends before treatment. Two-way
// fixed-effect regressions are not offered: with staggered treatment they
// compare treated units with treated ones.
//
// [Synthetic]: synthetic control (Abadie, Diamond & Hainmueller 2010) and
// synthetic difference-in-differences (Arkhangelsky et al. 2021), with
// placebos, leave-one-out and backdating. Weights are exact solutions.
//
// [Flows]: Poisson pseudo-maximum likelihood with any number of fixed effects
// (Correia, Guimarães & Zylkin 2020), separated rows found and taken out,
// clustered standard errors. It gives associations and says so.
//
// # What is refused
//
// Data that cannot be read or do not fit the design give an error that names
// row, column and remedy. Data that allow no estimate give a report whose
// Estimable is false. All other doubts are refusals: the number is computed,
// and the report says why it may not be published. The limits are conventions
// of this package: 8 periods on each side of a change (Penfold & Zhang 2013),
// 20 clusters and 5 treated ones, a pre-trend test at 5 %, 9 donors, 5 periods
// and a gap of a quarter of the donors' spread before a synthetic control.
//
// # The same number everywhere
//
// Random numbers come from streams made of the seed and the index of the
// resample, and sums are taken in a fixed order. The same data and options give
// the same report to the bit on any number of processors.
//
// # Sources
//
//   - Abadie, A. (2021). Using synthetic controls. Journal of Economic
//     Literature 59.
//   - Abadie, A., Diamond, A. & Hainmueller, J. (2010). Synthetic control
//     methods for comparative case studies. JASA 105.
//   - Andrews, D. (1991). Heteroskedasticity and autocorrelation consistent
//     covariance matrix estimation. Econometrica 59.
//   - Arkhangelsky, D., Athey, S., Hirshberg, D., Imbens, G. & Wager, S. (2021).
//     Synthetic difference-in-differences. American Economic Review 111.
//   - Callaway, B. & Sant'Anna, P. (2021). Difference-in-differences with
//     multiple time periods. Journal of Econometrics 225.
//   - Cameron, C., Gelbach, J. & Miller, D. (2008). Bootstrap-based improvements
//     for inference with clustered errors. Review of Economics and Statistics 90.
//   - Cameron, C., Gelbach, J. & Miller, D. (2011). Robust inference with
//     multiway clustering. Journal of Business & Economic Statistics 29.
//   - Cameron, C. & Miller, D. (2015). A practitioner's guide to cluster-robust
//     inference. Journal of Human Resources 50.
//   - Correia, S., Guimarães, P. & Zylkin, T. (2019). Verifying the existence of
//     maximum likelihood estimates for generalized linear models. arXiv
//     1903.01633.
//   - Correia, S., Guimarães, P. & Zylkin, T. (2020). Fast Poisson estimation
//     with high-dimensional fixed effects. Stata Journal 20.
//   - Giraud, L., Langou, J. & Rozložník, M. (2005). The loss of orthogonality in
//     the Gram-Schmidt orthogonalization process. Computers & Mathematics with
//     Applications 50.
//   - Ljung, G. & Box, G. (1978). On a measure of lack of fit in time series
//     models. Biometrika 65.
//   - MacKinnon, J. & Webb, M. (2018). The wild bootstrap for few (treated)
//     clusters. Econometrics Journal 21.
//   - Newey, W. & West, K. (1987). A simple, positive semi-definite,
//     heteroskedasticity and autocorrelation consistent covariance matrix.
//     Econometrica 55.
//   - Newey, W. & West, K. (1994). Automatic lag selection in covariance matrix
//     estimation. Review of Economic Studies 61.
//   - Penfold, R. & Zhang, F. (2013). Use of interrupted time series analysis in
//     evaluating health care quality improvements. Academic Pediatrics 13.
//   - Prais, S. & Winsten, C. (1954). Trend estimators and serial correlation.
//     Cowles Commission discussion paper 383.
//   - Roth, J. (2022). Pretest with caution: event-study estimates after testing
//     for parallel trends. AER: Insights 4.
//   - Sant'Anna, P. & Zhao, J. (2020). Doubly robust difference-in-differences
//     estimators. Journal of Econometrics 219.
//   - Santos Silva, J. & Tenreyro, S. (2006). The log of gravity. Review of
//     Economics and Statistics 88.
//   - Turner, S., Forbes, A., Karahalios, A., Taljaard, M. & McKenzie, J. (2021).
//     Evaluation of statistical methods used in the analysis of interrupted time
//     series studies: a simulation study. BMC Medical Research Methodology 21.
//   - Wolfe, P. (1976). Finding the nearest point in a polytope. Mathematical
//     Programming 11.
package evaluate
