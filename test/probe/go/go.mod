module assay/probe

go 1.21
