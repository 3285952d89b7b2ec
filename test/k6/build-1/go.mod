module ws-assay-k6-1
go 1.24.0
require go.k6.io/k6 v1.5.0
