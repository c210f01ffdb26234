"""What was measured: how well readings cover a report, and what happened to the meters."""

from __future__ import annotations

from fastapi import APIRouter

from api.access.guard import Asked, AskedDep
from api.deps import Service, ServiceDep
from api.describe import failures
from api.device_models import Device
from api.report_models import ReportCoverage
from api.routes.parameters import IndexPath, absent, identifier_in

router = APIRouter(tags=["measured"])


def _may_read(service: Service, asked: Asked, index: int) -> str:
    """Whose limit the read counts against; raises Refused unless the caller may read the report."""
    entry = service.view.entry(index)
    asked.object = f"coverage of report {index}"
    asked.require_reader(None if entry is None else entry.issuer)
    # Persons and devices count as their body: a read by each meter would hold up everybody else's.
    return asked.access.rights.body_of(asked.identifier) or asked.identifier


def _coverage(service: Service, index: int) -> ReportCoverage:
    found = service.view.report_coverage(index)
    if found is None:
        raise absent("reports.index", index, "report at", "报告")
    return ReportCoverage.of(found)


def _device(service: Service, asked: Asked, identifier: str) -> Device:
    identifier = identifier_in(identifier)
    asked.object = f"device {identifier}"
    asked.require_reader(identifier)
    found = service.view.device(identifier)
    if found is None:
        raise absent("devices.unknown", identifier, "device", "设备")
    return Device.of(found)


@router.get(
    "/reports/{index}/coverage",
    operation_id="getReportCoverage",
    summary="How well a report is covered",
    responses=failures(404, 503),
)
async def get_report_coverage(index: IndexPath, service: ServiceDep, asked: AskedDep) -> ReportCoverage:
    """Reads every cited reading again: seconds for some hundred thousand. Two reports at a time, others wait; of one
    body one report at a time (429 `access.long_reads`)."""
    body = await service.read(_may_read, service, asked, index)
    with service.access.long_reads.one(body):
        return await service.read_long(_coverage, service, index)


@router.get(
    "/devices/{identifier:path}",
    operation_id="getDevice",
    summary="What happened to a device",
    responses=failures(400, 404, 503),
)
async def get_device(identifier: str, service: ServiceDep, asked: AskedDep) -> Device:
    """Its events in log order, and the terms of service that follow from them."""
    return await service.read(_device, service, asked, identifier)
